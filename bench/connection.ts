import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

export interface Reply {
  readonly status: number;
  readonly body: string;
}

export type Target =
  | { path: string }
  | {
      host: string;
      port: number;
      /** Use TLS with this server name, and verify the certificate against `ca`. */
      tls?: { servername: string; ca: string };
    };

/** The default limit for a response. An idle connection has none. */
const PATIENCE_MS = 10_000;
const HEADER_END = Buffer.from('\r\n\r\n');

/**
 * One keep-alive HTTP/1.1 connection, one request at a time. It uses a tenth of the CPU time of an ordinary client,
 * whose work would distort the measurement. It understands Content-Length and, in a simplified way, chunked bodies.
 */
export class Connection {
  readonly #socket: Socket;
  #parts: Buffer[] = [];
  #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | undefined;
  #failure: Error | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => this.#fail(error));
    socket.on('timeout', () => this.#waiting && socket.destroy(new Error('silent for too long')));
    socket.on('close', () => this.#fail(new Error('the connection was closed')));
  }

  static open(target: Target, patienceMs = PATIENCE_MS): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const tls = 'tls' in target ? target.tls : undefined;
      const socket = tls ? connectTls({ ...target, ...tls, ALPNProtocols: ['http/1.1'] }) : connect(target);
      socket.setNoDelay(true);
      const silent = () => socket.destroy(new Error(`silent for ${patienceMs / 1000} s`));
      socket.setTimeout(patienceMs, silent);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('the connection was closed')));
      socket.once(tls ? 'secureConnect' : 'connect', () => {
        socket.off('timeout', silent);
        resolve(new Connection(socket));
      });
    });
  }

  /** Sends the bytes of a request; see `requestText`. */
  send(request: string | Buffer): Promise<Reply> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure);
      this.#waiting = { resolve, reject };
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #read(chunk: Buffer): void {
    this.#parts.push(chunk);
    const all = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts);
    const reply = parse(all);
    if (!reply) return void (this.#parts = [all]);
    this.#parts = [];
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve(reply);
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  }
}

/**
 * The body is decoded only when it is read, because the load generator shares the cores with the programs it measures.
 */
class Whole implements Reply {
  readonly status: number;
  readonly #bytes: Buffer;

  constructor(status: number, bytes: Buffer) {
    this.status = status;
    this.#bytes = bytes;
  }

  get body(): string {
    return this.#bytes.toString('utf8');
  }
}

/** The response, once it is complete. */
function parse(bytes: Buffer): Reply | undefined {
  const end = bytes.indexOf(HEADER_END);
  if (end === -1) return undefined;
  const head = bytes.toString('latin1', 0, end);
  const status = Number(head.slice(9, 12));
  const start = end + 4;
  const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
  if (length !== undefined) {
    const stop = start + Number(length);
    return bytes.length < stop ? undefined : new Whole(status, bytes.subarray(start, stop));
  }
  if (!/\r\ntransfer-encoding: *chunked/i.test(head)) return { status, body: '' };
  const body = bytes.toString('utf8', start);
  return body.endsWith('0\r\n\r\n') ? { status, body: unchunk(body) } : undefined;
}

/** The body must be ASCII, because chunk sizes count bytes. */
function unchunk(text: string): string {
  let body = '';
  for (let at = 0; at < text.length; ) {
    const line = text.indexOf('\r\n', at);
    const size = Number.parseInt(text.slice(at, line), 16);
    if (!(size > 0)) break;
    body += text.slice(line + 2, line + 2 + size);
    at = line + 2 + size + 2;
  }
  return body;
}

export function requestText(method: string, path: string, headers: Record<string, string>, body?: string): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  if (body === undefined) return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
  const length = `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}${length}\r\n${body}`;
}
