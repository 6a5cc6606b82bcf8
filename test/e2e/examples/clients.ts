/** The clients that send the requests of the examples, each request on a connection of its own. */
import { createSocket } from 'node:dgram';
import { type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:http2';
import { request as tlsRequest } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { WebSocket } from 'ws';
import type { Pair } from '../authority.ts';
import type { Step } from './example.ts';

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

interface Sent extends Pick<Step, 'clientCertificate' | 'tlsVersion' | 'proxyFrom'> {
  method: string;
  url: URL;
  headers: Record<string, string>;
  /** The port that Envoy opens. */
  port: number;
  /** PEM. */
  ca: string;
  pair: Pair;
}

/** Sends a request over HTTP/1.1, with TLS if the URL says so. @returns undefined when the client gets no answer */
export const send = ({ method, url, headers, port, ca, pair, ...step }: Sent): Promise<Reply | undefined> =>
  new Promise((resolve) => {
    const isSecure = url.protocol === 'https:';
    const { clientCertificate, tlsVersion, proxyFrom } = step;
    const secure = {
      ...{ servername: url.hostname, ca },
      ...(clientCertificate && { cert: pair.certificateChain, key: pair.privateKey }),
      ...(tlsVersion && { minVersion: tlsVersion, maxVersion: tlsVersion }),
    };
    const sent = (isSecure ? tlsRequest : request)(
      {
        ...{ host: '127.0.0.1', port, method, path: url.pathname + url.search },
        headers: { host: url.host, ...headers },
        ...(isSecure && secure),
        ...(proxyFrom ? { createConnection: () => afterHeader(port, proxyFrom) } : { agent: false }),
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
      },
    );
    sent.on('error', () => resolve(undefined)).end();
  });

/** Opens a connection that begins with a PROXY protocol header. */
function afterHeader(port: number, from: string) {
  const socket = connectTcp(port, '127.0.0.1');
  socket.write(`PROXY TCP4 ${from} 192.0.2.1 40000 ${port}\r\n`);
  return socket;
}

/** Makes a gRPC call. @returns its status */
export const call = (url: URL, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const session = connect(`http://127.0.0.1:${port}`).on('error', reject);
    const named = { ':method': 'POST', ':path': url.pathname, ':authority': url.host };
    const stream = session.request({ ...named, 'content-type': 'application/grpc', te: 'trailers' });
    let status: unknown;
    for (const part of ['response', 'trailers'])
      stream.on(part, (headers: IncomingHttpHeaders) => (status = headers['grpc-status'] ?? status));
    stream.on('error', reject).on('close', () => {
      session.close();
      resolve(String(status));
    });
    stream.resume().end(Buffer.alloc(5));
  });

/** Sends a datagram. @returns its echo */
export const echoed = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = createSocket('udp4').on('error', reject);
    socket.on('message', (data) => {
      socket.close();
      resolve(String(data));
    });
    socket.send('hello', port, '127.0.0.1');
  });

/** Opens a WebSocket. @returns 101 once it echoes, or the status of the response */
export const open = (url: URL, port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${url.pathname}`, { headers: { host: url.host } });
    socket.on('open', () => socket.send('hello'));
    socket.on('message', () => {
      socket.close();
      resolve('101');
    });
    socket.on('unexpected-response', (_, { statusCode }) => resolve(String(statusCode)));
    socket.on('error', reject);
  });
