/** Sends one request as HTTP, as a WebSocket or as a gRPC call. */
import { randomUUID } from 'node:crypto';
import { connect } from 'node:http2';
import WebSocket from 'ws';
import { ask } from '../ask.ts';
import type { Served } from '../edge.ts';
import { ID } from './upstreams.ts';

export type Form = 'http' | 'webSocket' | 'grpc' | 'grpcWeb';

/** An empty message. */
const FRAME = Buffer.from([0, 0, 0, 0, 0]);

export interface Reply {
  id: string;
  /** 101 for a WebSocket that echoes. */
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The `grpc-status`, in the headers or in the trailers. */
  grpcStatus?: string;
  /** The time until the response, in milliseconds. */
  elapsed: number;
}

export interface Asked {
  host: string;
  path: string;
  method?: string;
  isSecure: boolean;
  headers?: Record<string, string>;
}

export async function send({ ports, authority }: Served, form: Form, asked: Asked): Promise<Reply> {
  const id = randomUUID();
  const { host, path, method = 'GET', isSecure } = asked;
  const headers = { ...asked.headers, [ID]: id };
  const port = isSecure ? ports.https : ports.http;
  const tls = isSecure ? { servername: host, ca: authority.pem } : {};
  const start = performance.now();
  const since = () => performance.now() - start;
  if (form === 'grpcWeb') {
    const type = 'application/grpc-web+proto';
    const named = { host, 'content-type': type, accept: type, 'content-length': '5', ...headers };
    const answer = await ask({ port, path, method: 'POST', headers: named, body: FRAME, ...tls }, isSecure);
    const status = answer.headers['grpc-status'] ?? /grpc-status: ?(\d+)/.exec(answer.body)?.[1];
    return {
      ...{ id, status: answer.status, headers: answer.headers, elapsed: since() },
      ...(status !== undefined && { grpcStatus: String(status) }),
    };
  }
  if (form === 'http') {
    const { status, headers: answered } = await ask(
      { port, path, method, headers: { host, ...headers }, ...tls },
      isSecure,
    );
    return { id, status, headers: answered, elapsed: since() };
  }
  if (form === 'webSocket')
    return new Promise((resolve, reject) => {
      const url = `${isSecure ? 'wss' : 'ws'}://127.0.0.1:${port}${path}`;
      const socket = new WebSocket(url, { headers: { host, ...headers }, ...tls });
      let answered: Reply['headers'] = {};
      let elapsed = 0;
      socket.on('upgrade', (response) => {
        answered = response.headers;
        elapsed = since();
      });
      // The second message shows that no limit for requests ends the connection.
      socket.on('open', () => setTimeout(() => socket.send('hello'), Number(asked.headers?.['x-later'] ?? 0)));
      socket.on('message', () => {
        socket.close();
        resolve({ id, status: 101, headers: answered, elapsed });
      });
      socket.on('close', () => reject(new Error('the WebSocket was closed')));
      socket.on('unexpected-response', (_, response) => {
        response.resume();
        resolve({ id, status: response.statusCode!, headers: response.headers, elapsed: since() });
      });
      socket.on('error', reject);
    });
  const session = connect(`${isSecure ? 'https' : 'http'}://127.0.0.1:${port}`, { ...tls });
  try {
    return await new Promise<Reply>((resolve, reject) => {
      session.on('error', reject);
      const stream = session.request({
        ...{ ':method': 'POST', ':path': path, ':authority': host, 'content-type': 'application/grpc', te: 'trailers' },
        ...headers,
      });
      let answered: Record<string, string | string[] | undefined> = {};
      let grpcStatus: unknown;
      stream.on('response', (all) => {
        answered = all as never;
        grpcStatus = all['grpc-status'];
      });
      stream.on('trailers', (all) => (grpcStatus = all['grpc-status']));
      stream.on('error', reject).on('close', () =>
        resolve({
          ...{ id, status: Number(answered[':status']), headers: answered, elapsed: since() },
          ...(grpcStatus !== undefined && { grpcStatus: String(grpcStatus) }),
        }),
      );
      stream.resume().end(FRAME);
    });
  } finally {
    session.close();
  }
}
