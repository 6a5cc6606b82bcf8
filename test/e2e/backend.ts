import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';

/** A real application: answers with its name and what reached it; echoes on WebSockets. */
export class Backend {
  readonly name: string;
  readonly #server: Server;
  requests = 0;

  private constructor(name: string) {
    this.name = name;
    this.#server = createServer((request, response) => {
      this.requests++;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ name, method: request.method, path: request.url, headers: request.headers }));
    });
    // After 5 s, Node would close an idle connection that Envoy is about to use, and the request would get a 503.
    this.#server.keepAliveTimeout = 0;
    const sockets = new WebSocketServer({ server: this.#server });
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`${name}: ${data}`)));
  }

  /** @param host `0.0.0.0`: every address of loopback */
  static async start(name: string, host = '127.0.0.1'): Promise<Backend> {
    const backend = new Backend(name);
    await new Promise<void>((resolve) => backend.#server.listen(0, host, resolve));
    return backend;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
