import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** The parts of a request that a handler gets. */
export interface Call {
  /** Path without the query, as the service received it: after the rewrite of the route. */
  path: string;
  method: string;
  headers: IncomingMessage['headers'];
}

interface Answer {
  status?: number;
  type?: string;
  body: unknown;
}

export interface Service {
  name: string;
  version: string;
  handle(call: Call): Answer | Promise<Answer>;
}

export interface Running {
  port: number;
  /** Stops accepting connections, waits until running requests are finished, then resolves. */
  close(): Promise<void>;
}

/** Serves one service on a loopback address. With port 0, the kernel chooses a port. */
export async function serve(service: Service, port: number): Promise<Running> {
  const server = createServer((request, response) => {
    answer(service, request)
      .catch((error: unknown): Answer => ({ status: 500, body: { error: String(error) } }))
      .then((result) => write(service, result, response));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { port: (server.address() as AddressInfo).port, close: () => stop(server) };
}

async function answer(service: Service, request: IncomingMessage): Promise<Answer> {
  const path = new URL(request.url ?? '/', 'http://service').pathname;
  if (path === '/health') return { body: { status: 'ok', service: service.name, version: service.version } };
  return service.handle({ path, method: request.method ?? 'GET', headers: request.headers });
}

function write(
  service: Service,
  { status = 200, type = 'application/json', body }: Answer,
  response: ServerResponse,
): void {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
  response
    .writeHead(status, {
      'content-type': type,
      'content-length': Buffer.byteLength(text),
      'x-served-by': `${service.name}-${service.version}`,
    })
    .end(text);
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
}

/** Part of every JSON response, so that a client can see how the route rewrote the path or changed headers. */
export function seen({ method, path, headers }: Call): {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
} {
  return { method, path, headers };
}
