import { setTimeout as pause } from 'node:timers/promises';
import { Connection, type Reply, requestText } from './connection.ts';
import { hostName, VERSION_PATH } from './workload.ts';

const PATIENCE_MS = 20_000;

/** The port of Envoy to which visitors connect. With a CA, they use HTTPS and verify the certificate. */
export interface PublicPort {
  port: number;
  ca?: string | undefined;
}

/** A client that sends requests to one host through Envoy, on its own connection. */
export class Visitor {
  readonly #connection: Connection;
  readonly #request: Buffer;

  private constructor(connection: Connection, host: string) {
    this.#connection = connection;
    this.#request = Buffer.from(requestText('GET', VERSION_PATH, { host }));
  }

  static async to(host: string, { port, ca }: PublicPort): Promise<Visitor> {
    const tls = ca === undefined ? {} : { tls: { servername: host, ca } };
    return new Visitor(await Connection.open({ host: '127.0.0.1', port, ...tls }), host);
  }

  visit(): Promise<Reply> {
    return this.#connection.send(this.#request);
  }

  /**
   * Repeats a request, without a pause, until the response contains this version, or any version if none is given.
   *
   * @returns the time of that response, by `performance.now()`
   */
  async sees(version?: string): Promise<number> {
    for (const deadline = performance.now() + PATIENCE_MS; ; ) {
      const { status, body } = await this.visit();
      const now = performance.now();
      if (status === 200 && (version === undefined || body === version)) return now;
      if (now > deadline)
        throw new Error(`${version ?? 'anything'} was not live within ${PATIENCE_MS} ms; last ${status} ${body}`);
    }
  }

  close(): void {
    this.#connection.close();
  }
}

/** Connects again until the tenant's host answers: the handshake with an unknown host fails. */
export async function firstAnswer(
  tenant: string,
  version: string | undefined,
  publicPort: PublicPort,
): Promise<number> {
  let last: unknown;
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await pause(1)) {
    try {
      const visitor = await Visitor.to(hostName(tenant), publicPort);
      try {
        return await visitor.sees(version);
      } finally {
        visitor.close();
      }
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`${tenant} was not served within ${PATIENCE_MS} ms: ${(last as Error)?.message}`);
}
