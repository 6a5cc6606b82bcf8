import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an upstream received. */
export interface Seen {
  /** The port at which the upstream received the request. Each upstream has its own port. */
  port: number;
  method: string;
  url: string;
  /** All header lines in order: the name in lower case, and the value. */
  headers: [name: string, value: string][];
}

/** Response headers of every upstream. Rules may change them. */
export const OF_UPSTREAM: Record<string, string> = { 'x-r': 'upstream', 'x-s': 'upstream' };

/** Starts upstreams, one per port. Each responds with the request that it received. */
export async function startEchoes(count: number): Promise<{ ports: number[]; close(): void }> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server: Server = createServer({ maxHeaderSize: 100_000 }, (request, response) => {
        const raw = request.rawHeaders;
        const headers = raw.flatMap((name, i) => (i % 2 === 0 ? [[name.toLowerCase(), raw[i + 1]!]] : []));
        const { port } = server.address() as AddressInfo;
        const seen = { port, method: request.method, url: request.url, headers };
        response.writeHead(200, { ...OF_UPSTREAM, 'content-type': 'application/json' }).end(JSON.stringify(seen));
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return server;
    }),
  );
  return {
    ports: servers.map((server) => (server.address() as AddressInfo).port),
    close: () => {
      for (const server of servers) server.close();
    },
  };
}
