import { createServer, type IncomingMessage, type Server } from 'node:http';
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

/** The header of a response to an upgrade that contains what the upstream received, as JSON in base64. */
export const SEEN = 'x-seen';

function seenOf({ rawHeaders: raw, method = '', url = '' }: IncomingMessage, server: Server): Seen {
  const headers = raw.flatMap((name, i): Seen['headers'] => (i % 2 === 0 ? [[name.toLowerCase(), raw[i + 1]!]] : []));
  return { port: (server.address() as AddressInfo).port, method, url, headers };
}

/** Starts upstreams, one per port. Each responds with the request that it received. */
export async function startEchoes(count: number): Promise<{ ports: number[]; close(): void }> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server: Server = createServer({ maxHeaderSize: 100_000 }, (request, response) => {
        const seen = JSON.stringify(seenOf(request, server));
        response.writeHead(200, { ...OF_UPSTREAM, 'content-type': 'application/json' }).end(seen);
      });
      // A response that accepts an upgrade has no body.
      server.on('upgrade', (request, socket) => {
        const seen = Buffer.from(JSON.stringify(seenOf(request, server))).toString('base64');
        const fields = { ...OF_UPSTREAM, connection: 'upgrade', upgrade: request.headers.upgrade, [SEEN]: seen };
        const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
        socket.end(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
      });
      // Node would respond with 417 to an Expect header that it does not know.
      server.on('checkExpectation', (request, response) => server.emit('request', request, response));
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
