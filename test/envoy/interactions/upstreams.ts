/** Upstreams that note what they receive: for HTTP and WebSocket, for gRPC, and for copies. */
import { createServer, type Server } from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocketServer } from 'ws';

export interface Received {
  by: 'app' | 'rpc' | 'audit';
  url: string;
  host: string;
  headers: IncomingHttpHeaders;
}

/** The header that identifies a request, and its copies and repetitions. */
export const ID = 'x-id';

export class Upstreams {
  /** Of one request, by its id. */
  readonly #received = new Map<string, Received[]>();
  readonly #servers: (Server | Http2Server)[] = [];

  of(id: string): Received[] {
    return this.#received.get(id) ?? [];
  }

  /**
   * A request with `x-fail: 1` gets 503 the first time. One with `x-wait` waits for so many milliseconds.
   *
   * @returns the ports of the upstreams by name
   */
  async start(): Promise<Record<Received['by'], number>> {
    const app = createServer(async (request, response) => {
      const status = await this.#note('app', request.headers, request.url!, request.headers.host!);
      response.writeHead(status, { 'x-upstream': 'app', 'x-removed': '1' }).end('done');
    });
    const sockets = new WebSocketServer({ noServer: true });
    app.on('upgrade', async (request, socket, head) => {
      const status = await this.#note('app', request.headers, request.url!, request.headers.host!);
      if (status !== 200) socket.end('HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n');
      else
        sockets.handleUpgrade(request, socket, head, (opened) => {
          opened.on('message', (data) => opened.send(String(data)));
        });
    });
    const rpc = createHttp2Server();
    rpc.on('stream', async (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      stream.on('error', () => {}).resume();
      const status = await this.#note('rpc', headers, headers[':path']!, headers[':authority']!);
      if (stream.closed) return;
      if (status !== 200) stream.respond({ ':status': status }, { endStream: true });
      else {
        stream.respond({ 'content-type': 'application/grpc', 'x-removed': '1' }, { waitForTrailers: true });
        stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
        stream.end();
      }
    });
    const audit = createServer((request, response) => {
      void this.#note('audit', request.headers, request.url!, request.headers.host!);
      response.writeHead(500).end();
    });
    const ports = [];
    for (const server of [app, rpc, audit]) {
      this.#servers.push(server);
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      ports.push((server.address() as AddressInfo).port);
    }
    return { app: ports[0]!, rpc: ports[1]!, audit: ports[2]! };
  }

  stop(): void {
    for (const server of this.#servers) {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close();
    }
  }

  async #note(by: Received['by'], headers: IncomingHttpHeaders, url: string, host: string): Promise<number> {
    const id = String(headers[ID]);
    const known = this.of(id);
    const isFirst = !known.some((each) => each.by === by);
    this.#received.set(id, [...known, { by, url, host, headers }]);
    if (headers['x-wait'] && by !== 'audit') await sleep(Number(headers['x-wait']));
    return headers['x-fail'] && isFirst ? 503 : 200;
  }
}
