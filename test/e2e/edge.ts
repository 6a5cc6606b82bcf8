import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect as http2Connect } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { connect as tlsConnect } from 'node:tls';

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Ask {
  port: number;
  host: string;
  path?: string;
  method?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** One request on a connection of its own, to the proxy on loopback. */
export function http({ port, host, path = '/', method = 'GET', headers = {}, body }: Ask): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: { host, ...headers },
      agent: false,
      timeout: 15_000,
    });
    request.on('response', (response) => collect(response, resolve, reject));
    request.on('timeout', () => request.destroy(new Error('no answer within 15 s')));
    request.on('error', reject);
    request.end(body);
  });
}

/** @param ca PEM the chain must lead to. `servername: ''` sends no SNI. Rejects with the TLS error when the handshake fails. */
export function https({
  port,
  host,
  path = '/',
  headers = {},
  ca,
  servername = host,
}: Ask & { ca: string; servername?: string }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpsRequest({
      host: '127.0.0.1',
      port,
      path,
      headers: { host, ...headers },
      agent: false,
      ca,
      servername,
      ...(servername === '' && { checkServerIdentity: () => undefined }),
      timeout: 15_000,
    });
    request.on('response', (response) => collect(response, resolve, reject));
    request.on('timeout', () => request.destroy(new Error('no answer within 15 s')));
    request.on('error', reject);
    request.end();
  });
}

/** One HTTP/2 request over TLS. */
export function h2({
  port,
  host,
  path = '/',
  ca,
  servername = host,
}: Ask & { ca: string; servername?: string }): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = tlsConnect({ host: '127.0.0.1', port, servername, ca, ALPNProtocols: ['h2'] });
    socket.on('error', reject);
    const session = http2Connect(`https://${servername}`, { createConnection: () => socket });
    session.on('error', reject);
    const stream = session.request({ ':path': path, ':authority': host });
    let answer: Answer;
    let body = '';
    stream.on('response', (headers) => {
      answer = { status: Number(headers[':status']), headers: headers as IncomingHttpHeaders, body: '' };
    });
    stream.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    stream.on('error', reject);
    stream.on('end', () => {
      session.close();
      resolve({ ...answer, body });
    });
    stream.end();
  });
}

function collect(
  response: import('node:http').IncomingMessage,
  resolve: (answer: Answer) => void,
  reject: (error: Error) => void,
): void {
  let body = '';
  response.on('data', (chunk: Buffer) => {
    body += chunk.toString();
  });
  response.on('error', reject);
  response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
}
