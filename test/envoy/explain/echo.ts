import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an upstream received. */
export interface Seen {
  /** The port it was reached at: each upstream has its own. */
  port: number;
  method: string;
  url: string;
  /** Every line, in order: lower-case name and value. */
  headers: [name: string, value: string][];
}

/** Response headers of every upstream, for rules to change. */
export const OF_UPSTREAM: Record<string, string> = { 'x-r': 'upstream', 'x-s': 'upstream' };

/** Upstreams that answer with what they received, one per port. */
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
