/** The servers that stand for the endpoints of the examples, by the ports that the examples name. */
import { createSocket } from 'node:dgram';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { WebSocketServer } from 'ws';
import { Authority, type Pair } from '../authority.ts';

interface Endpoint {
  server: Server;
  port: number;
  received: { path: string; headers: IncomingHttpHeaders }[];
}

const TLS = 9443;
/** It answers 500. */
const FAILING = 9003;
/** It answers after half a second. */
const SLOW = 9004;
/** It expects a PROXY protocol header of version 1, whose protocol and address are then in its received headers. */
const PROXIED = 9060;

/** All servers of one test, and the CA of their certificates. */
export class Endpoints {
  /** They answer with their port and the path. */
  readonly http = new Map<number, Endpoint>();
  /** The ports on which other protocols are served. */
  readonly #others = new Map<number, number>();
  readonly #closing: { close(): unknown }[] = [];
  readonly authority: Authority;
  readonly pair: Pair;

  private constructor(authority: Authority, pair: Pair) {
    this.authority = authority;
    this.pair = pair;
  }

  static async start(): Promise<Endpoints> {
    const authority = await Authority.create();
    const pair = await authority.issue('*.tls.example', 'backend.example', '*.backend.example');
    const endpoints = new Endpoints(authority, pair);
    for (const port of [9001, 9002, FAILING, SLOW, PROXIED, TLS]) await endpoints.#serve(port);
    await endpoints.#serveOthers();
    return endpoints;
  }

  /** The port of the test for a port of the examples. On some, nobody listens. */
  portOf(port: number): number {
    return this.http.get(port)?.port ?? this.#others.get(port) ?? 1;
  }

  stop(): void {
    for (const each of this.#closing) each.close();
    for (const { server } of this.http.values()) {
      server.closeAllConnections();
      server.close();
    }
  }

  async #serve(port: number): Promise<void> {
    const tls = { cert: this.pair.certificateChain, key: this.pair.privateKey };
    const received: Endpoint['received'] = [];
    const server = port === TLS ? createTlsServer(tls) : createServer();
    server.on('request', (asked, response) => {
      received.push({ path: asked.url!, headers: asked.headers });
      if (port === FAILING) response.statusCode = 500;
      const answer = port === FAILING ? '' : JSON.stringify({ port, path: asked.url });
      setTimeout(() => response.end(answer), port === SLOW ? 500 : 0);
    });
    const sockets = new WebSocketServer({ server });
    sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(String(data))));
    const listening = port === PROXIED ? afterProxyHeader(server) : server;
    if (listening !== server) this.#closing.push(listening);
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    this.http.set(port, { server, port: (listening.address() as AddressInfo).port, received });
  }

  async #serveOthers(): Promise<void> {
    const rpc = createHttp2Server().on('stream', (stream: ServerHttp2Stream) => {
      stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      stream.resume().end();
    });
    await new Promise<void>((resolve) => rpc.listen(0, '127.0.0.1', resolve));
    const echo = createSocket('udp4');
    echo.on('message', (data, { port, address }) => echo.send(data, port, address));
    await new Promise<void>((resolve) => echo.bind(0, '127.0.0.1', resolve));
    this.#others.set(9050, (rpc.address() as AddressInfo).port).set(9053, echo.address().port);
    this.#closing.push(rpc, echo);
  }
}

/** Reads the header of each connection, adds it to the headers of its first request, and serves the connection. */
const afterProxyHeader = (server: Server) =>
  createTcpServer((socket) => {
    let read = '';
    const more = (data: Buffer) => {
      read += data.toString('latin1');
      // The line of the header and the first line of the request may arrive in several parts.
      const [header, requestLine, ...rest] = read.split('\r\n');
      if (rest.length === 0) return;
      socket.off('data', more);
      const [, protocol, address] = header!.split(' ');
      const request = [requestLine, `proxy-protocol: ${protocol} ${address}`, ...rest].join('\r\n');
      server.emit('connection', socket);
      socket.unshift(Buffer.from(request, 'latin1'));
    };
    socket.on('data', more);
  });
