/** Sends the request of a case, over the protocol that its URL names. */
import { createSocket } from 'node:dgram';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { credentials, Metadata, makeGenericClientConstructor, type ServiceError } from '@grpc/grpc-js';
import { WebSocket } from 'ws';
import type { Pair } from '../authority.ts';
import { ECHO } from './echo.ts';

export interface Sent {
  url: string;
  method?: string;
  headers?: Record<string, string>;
  /** The server name of the handshake; default: the host of the URL. */
  sni?: string;
  client?: Pair | undefined;
  /** PEM of the authorities that the client trusts. */
  ca: string[];
  /** The port on this machine behind the port of the URL. */
  port: number;
}

export interface Answered {
  status?: number;
  grpcStatus?: number;
  headers?: Record<string, string | string[] | undefined>;
  /** The application that answered. */
  from?: string;
  seen?: Record<string, never>;
}

/** @throws when the connection is refused or closed without an answer */
export function send(sent: Sent): Promise<Answered> {
  const url = new URL(sent.url);
  switch (url.protocol) {
    case 'http:':
    case 'https:':
      return http(sent, url);
    case 'grpc:':
      return grpc(sent, url);
    case 'ws:':
      return webSocket(sent, url);
    case 'tcp:':
    case 'tls:':
      return bytes(sent, url);
    case 'udp:':
      return datagram(sent);
    default:
      throw new Error(`no client for ${sent.url}`);
  }
}

const tls = ({ sni, client, ca }: Sent, { hostname }: URL) => ({
  servername: sni ?? hostname,
  ca,
  ...(client && { cert: client.certificateChain, key: client.privateKey }),
});

/** The Host header is written as in the URL, with a port that is the default of the scheme too. */
function http(sent: Sent, url: URL): Promise<Answered> {
  const host = /^\w+:\/\/([^/]+)/.exec(sent.url)![1]!;
  const options = {
    host: '127.0.0.1',
    port: sent.port,
    path: `${url.pathname}${url.search}`,
    method: sent.method ?? 'GET',
    headers: { host, ...sent.headers },
    agent: false,
    timeout: 15_000,
  };
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? httpsRequest({ ...options, ...tls(sent, url) }) : httpRequest(options);
    request.on('error', reject).on('timeout', () => request.destroy(new Error('no answer within 15 s')));
    request.on('response', (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk)).on('error', reject);
      response.on('end', () => {
        const seen = response.headers['content-type'] === 'application/json' ? JSON.parse(body) : undefined;
        resolve({ status: response.statusCode!, headers: response.headers, from: seen?.name, seen });
      });
    });
    request.end();
  });
}

async function grpc(sent: Sent, url: URL): Promise<Answered> {
  const Echo = makeGenericClientConstructor(ECHO, 'Echo');
  const client = new Echo(`127.0.0.1:${sent.port}`, credentials.createInsecure(), {
    'grpc.default_authority': url.hostname,
  });
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(sent.headers ?? {})) metadata.set(name, value);
  const method = url.pathname.split('/').at(-1)!;
  try {
    return await new Promise((resolve) =>
      client[method]!(
        'hello',
        metadata,
        { deadline: Date.now() + 15_000 },
        (error: ServiceError | null, from: string) =>
          resolve(error ? { grpcStatus: error.code } : { grpcStatus: 0, from }),
      ),
    );
  } finally {
    client.close();
  }
}

function webSocket({ port, url }: Sent, { pathname, host }: URL): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${pathname}`, { headers: { host } });
    socket.on('open', () => socket.send('hello')).on('error', reject);
    socket.on('unexpected-response', (_request, response) => reject(new Error(`${url}: ${response.statusCode}`)));
    socket.on('message', (data) => {
      socket.close();
      resolve({ status: 101, from: String(data).replace(/: hello$/, '') });
    });
  });
}

function bytes(sent: Sent, url: URL): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const to = { host: '127.0.0.1', port: sent.port };
    const socket = url.protocol === 'tls:' ? connectTls({ ...to, ...tls(sent, url) }) : connect(to);
    let from = '';
    socket.setTimeout(15_000, () => socket.destroy(new Error('no answer within 15 s')));
    socket.on('data', (chunk: Buffer) => (from += chunk)).on('error', reject);
    socket.on('close', () => (from ? resolve({ from }) : reject(new Error('closed without an answer'))));
  });
}

function datagram({ port }: Sent): Promise<Answered> {
  const socket = createSocket('udp4');
  return new Promise<Answered>((resolve, reject) => {
    socket.on('message', (text) => resolve({ from: String(text) })).on('error', reject);
    socket.send('hello', port, '127.0.0.1');
    setTimeout(() => reject(new Error('no answer within 15 s')), 15_000).unref();
  }).finally(() => socket.close());
}
