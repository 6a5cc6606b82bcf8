/** The applications behind the cases. Each says its name, so that a case shows which one served a request. */
import { randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createServer as createTlsServer } from 'node:tls';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { WebSocketServer } from 'ws';
import type { Pair } from '../authority.ts';
import { ECHO } from './echo.ts';

export interface Application {
  port: number;
  close(): void;
  /** The paths of the requests that came, for applications that get copies. */
  received: string[];
}

/** Which kind of server stands behind a name: `grpc-v1` is a gRPC server, `tls-a` speaks HTTPS, `tcp-a` and `udp-a` say their names. */
export async function startApplication(name: string, pair: Pair): Promise<Application> {
  const received: string[] = [];
  const listener: RequestListener = async (request, response) => {
    const url = new URL(request.url!, 'http://application.test');
    received.push(url.pathname);
    const { status, delay } = wish(name, url.searchParams);
    await pause(delay);
    const { 'x-answers': answers = '{}' } = request.headers;
    response.writeHead(status, { 'content-type': 'application/json', ...JSON.parse(answers as string) }).end(
      JSON.stringify({
        name,
        path: request.url,
        host: request.headers.host,
        headers: joined(request),
        serverName: 'servername' in request.socket ? request.socket.servername : undefined,
        client:
          'getPeerCertificate' in request.socket
            ? (request.socket as import('node:tls').TLSSocket).getPeerCertificate().subject?.CN
            : undefined,
      }),
    );
  };
  const { certificateChain: cert, privateKey: key } = pair;
  if (name.startsWith('grpc-')) return grpc(name, received);
  if (name.startsWith('udp-')) return udp(name, received);
  const say = (socket: import('node:net').Socket) => socket.on('error', () => {}).end(name);
  const server = name.startsWith('mtls-')
    ? createHttpsServer({ cert, key, requestCert: true, rejectUnauthorized: false }, listener)
    : name.startsWith('tls-tcp-')
      ? createTlsServer({ cert, key }, say)
      : name.startsWith('tls-')
        ? createHttpsServer({ cert, key }, listener)
        : name.startsWith('tcp-')
          ? createTcpServer(say)
          : createServer(listener);
  if (name === 'ws') {
    const sockets = new WebSocketServer({ server: server as import('node:http').Server });
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`${name}: ${data}`)));
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, received, close: () => void server.close() };
}

const failures = new Map<string, number>();

/** What a request asks of the application: `?delay=1s`, or `?responseCode=500&succeedAfter=2&id=…` to fail twice. */
function wish(name: string, query: URLSearchParams): { status: number; delay: number } {
  const delay = Number.parseFloat(query.get('delay') ?? '0') * 1000;
  const code = query.get('responseCode');
  if (!code) return { status: 200, delay };
  const key = `${name} ${query.get('id') ?? randomUUID()}`;
  const failed = failures.get(key) ?? 0;
  failures.set(key, failed + 1);
  return { status: failed < Number(query.get('succeedAfter')) ? Number(code) : 200, delay };
}

/** Several headers of one name, joined with a comma. */
const joined = ({ headersDistinct }: IncomingMessage) =>
  Object.fromEntries(Object.entries(headersDistinct).map(([name, values]) => [name, values!.join(',')]));

async function grpc(name: string, received: string[]): Promise<Application> {
  const server = new Server();
  const answer = (_call: unknown, done: (error: null, text: string) => void) => done(null, name);
  server.addService(ECHO, { Echo: answer, EchoTwo: answer, EchoThree: answer });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  return { port, received, close: () => server.forceShutdown() };
}

async function udp(name: string, received: string[]): Promise<Application> {
  const socket = createSocket('udp4').on('message', (_text, { port, address }) => socket.send(name, port, address));
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  return { port: socket.address().port, received, close: () => void socket.close() };
}
