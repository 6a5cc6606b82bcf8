/** Certificates and TLS clients of tests about TLS servers. */
import 'reflect-metadata'; // before @peculiar/x509, whose container asks for it
import type { webcrypto } from 'node:crypto';
import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import * as x509 from '@peculiar/x509';

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: new Uint8Array([1, 0, 1]),
  modulusLength: 2048,
};
const DAY = 24 * 3600 * 1000;

export interface Pair {
  certificateChain: string;
  privateKey: string;
}

/** A CA that signs certificates of clients and servers, and revocation lists. */
export class TestAuthority {
  readonly #keys: webcrypto.CryptoKeyPair;
  readonly #certificate: x509.X509Certificate;

  private constructor(keys: webcrypto.CryptoKeyPair, certificate: x509.X509Certificate) {
    this.#keys = keys;
    this.#certificate = certificate;
  }

  static async create(name = 'Test CA', { isIdentified = false } = {}): Promise<TestAuthority> {
    const keys = await crypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      name: `CN=${name}`,
      keys,
      notBefore: new Date(Date.now() - DAY),
      notAfter: new Date(Date.now() + 30 * DAY),
      signingAlgorithm: ECDSA,
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        ...(isIdentified ? [await x509.SubjectKeyIdentifierExtension.create(keys.publicKey)] : []),
      ],
    });
    return new TestAuthority(keys, certificate);
  }

  get pem(): string {
    return this.#certificate.toString('pem');
  }

  async issue(names: x509.JsonGeneralNames, { serialNumber = '', isRsa = false } = {}): Promise<Pair> {
    const keys = await crypto.subtle.generateKey(isRsa ? RSA : ECDSA, true, ['sign', 'verify']);
    const certificate = await x509.X509CertificateGenerator.create({
      subject: `CN=${names[0]?.value ?? 'nobody'}`,
      issuer: this.#certificate.subject,
      publicKey: keys.publicKey,
      signingKey: this.#keys.privateKey,
      notBefore: new Date(Date.now() - DAY),
      notAfter: new Date(Date.now() + 10 * DAY),
      signingAlgorithm: ECDSA,
      ...(serialNumber && { serialNumber }),
      extensions: names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)],
    });
    const exported = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
    return {
      certificateChain: `${certificate.toString('pem')}\n`,
      privateKey: `${x509.PemConverter.encode(exported, 'PRIVATE KEY')}\n`,
    };
  }

  async revoke(...serialNumbers: string[]): Promise<string> {
    const key = this.#certificate.getExtension(x509.SubjectKeyIdentifierExtension);
    const list = await x509.X509CrlGenerator.create({
      issuer: this.#certificate.subject,
      thisUpdate: new Date(Date.now() - DAY),
      nextUpdate: new Date(Date.now() + DAY),
      signingAlgorithm: ECDSA,
      signingKey: this.#keys.privateKey,
      ...(key && { extensions: [new x509.AuthorityKeyIdentifierExtension(key.keyId)] }),
      entries: serialNumbers.map((serialNumber) => ({
        serialNumber,
        revocationDate: new Date(Date.now() - DAY),
        reason: x509.X509CrlReason.keyCompromise,
      })),
    });
    // The label of RFC 7468 §6; the library writes another one.
    return `${x509.PemConverter.encode(list.rawData, 'X509 CRL')}\n`;
  }
}

export interface Answer {
  status: number;
  body: string;
}

/** A connection that stays open, over which HTTP/1.1 requests are sent one after the other. */
export class Conn {
  readonly socket: TLSSocket;
  #received = '';
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;
  isClosed = false;

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      this.#received += chunk;
      const found = /^HTTP\/1\.1 (\d+)[\s\S]*?\r\n\r\n/.exec(this.#received);
      if (!found) return;
      const after = this.#received.slice(found[0].length);
      const length = /\r\ncontent-length: (\d+)/i.exec(found[0])?.[1];
      const chunks = length === undefined ? /^(?:[0-9a-f]+\r\n[^\r]*\r\n)*?0\r\n\r\n/.exec(after)?.[0] : undefined;
      if (length === undefined ? chunks === undefined : after.length < Number(length)) return;
      const body =
        chunks === undefined ? after.slice(0, Number(length)) : chunks.replace(/[0-9a-f]+\r\n([^\r]*)\r\n/g, '$1');
      this.#received = after.slice(chunks === undefined ? Number(length) : chunks.length);
      this.#waiting?.resolve({ status: Number(found[1]), body });
      this.#waiting = undefined;
    });
    const end = (error: Error) => {
      this.isClosed = true;
      this.#waiting?.reject(error);
    };
    socket.on('error', end);
    socket.on('close', () => end(new Error('closed')));
  }

  /** @throws Error when the handshake fails, or when the server ends the connection because of the client's certificate */
  static async open(port: number, servername: string, options: ConnectionOptions = {}): Promise<Conn> {
    const socket = connectTls({ host: '127.0.0.1', port, servername, rejectUnauthorized: false, ...options });
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
      socket.once('close', () => reject(new Error('closed')));
    });
    return new Conn(socket);
  }

  get(host: string, headers: Record<string, string> = {}): Promise<Answer> {
    const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
    return new Promise((resolve, reject) => {
      if (this.isClosed) reject(new Error('closed'));
      this.#waiting = { resolve, reject };
      this.socket.write(`GET /x HTTP/1.1\r\n${lines.join('')}\r\n`);
    });
  }

  close(): void {
    this.socket.destroy();
  }
}

/**
 * Sends one request on a connection of its own.
 *
 * @param pair the client's certificate
 * @returns `refused` when the client gets no answer
 */
export async function visit(
  port: number,
  servername: string,
  { host = servername, pair, headers, ...options }: Visit = {},
): Promise<Answer | 'refused'> {
  const own = pair && { cert: pair.certificateChain, key: pair.privateKey };
  let conn: Conn | undefined;
  try {
    conn = await Conn.open(port, servername, { ...own, ...options });
    return await conn.get(host, headers);
  } catch {
    return 'refused';
  } finally {
    conn?.close();
  }
}

export interface Visit extends ConnectionOptions {
  host?: string;
  pair?: Pair | undefined;
  headers?: Record<string, string>;
}

/** Sends one request over an HTTP/2 session. */
export function over(session: ClientHttp2Session, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ':path': '/x', ':authority': host });
    stream.on('response', ({ ':status': status }) => {
      stream.resume();
      resolve(Number(status));
    });
    stream.on('error', reject);
    stream.end();
  });
}

export const http2 = (port: number, servername: string, pair?: Pair): ClientHttp2Session =>
  connectHttp2(`https://127.0.0.1:${port}`, {
    servername,
    rejectUnauthorized: false,
    ...(pair && { cert: pair.certificateChain, key: pair.privateKey }),
  });
