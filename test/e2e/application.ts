import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An application that answers with its name, counts its connections, and answers `/hold` only when it is released. */
export class Application {
  readonly name: string;
  readonly held: ServerResponse[] = [];
  connections = 0;
  readonly #server: Server;

  constructor(name: string) {
    this.name = name;
    this.#server = createServer((received, response) => {
      if (received.url === '/hold') this.held.push(response);
      else response.end(name);
    });
    // Envoy alone decides when a connection ends.
    this.#server.keepAliveTimeout = 0;
    this.#server.on('connection', () => this.connections++);
  }

  async start(port = 0, address = '127.0.0.1'): Promise<void> {
    this.#server.listen(port, address);
    await once(this.#server, 'listening');
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Answers every held request. */
  release(): void {
    for (const response of this.held.splice(0)) response.end(this.name);
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
