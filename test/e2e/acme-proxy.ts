import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Pair } from './authority.ts';

/** An order as the client sent it. */
interface SentOrder {
  name: string;
  replaces?: string;
}

/** Stands before a certificate authority: it records what is ordered, and rejects or delays what a test says. */
export class AcmeProxy {
  /** The orders that the authority got. */
  readonly orders: SentOrder[] = [];
  /** What the clients wrote to create accounts. */
  readonly accounts: Record<string, unknown>[] = [];
  readonly #limited = new Map<string, number>();
  readonly #server: Server;
  #next: { path: string; callback: () => Promise<void> } | undefined;
  #held: { arrived: () => void; released: Promise<void> } | undefined;

  private constructor(target: number, ca: string, { certificateChain, privateKey }: Pair) {
    this.#server = createServer({ cert: certificateChain, key: privateKey }, async (incoming, outgoing) => {
      const body = Buffer.concat(await incoming.toArray());
      if (await this.#isAnswered(incoming.url ?? '', body, outgoing)) return;
      const { method, url, headers } = incoming;
      // The authority makes its URLs from the header Host.
      const forwarded = request({ port: target, host: 'localhost', method, path: url, headers, ca, agent: false });
      forwarded.on('response', async (answer: IncomingMessage) => {
        const next = this.#next;
        if (next && url?.startsWith(next.path)) {
          this.#next = undefined;
          await next.callback();
        }
        outgoing.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(outgoing);
      });
      forwarded.on('error', () => outgoing.destroy());
      forwarded.end(body);
    });
  }

  /** @param target the port of the authority on this machine @param ca signs its certificate, and `pair` */
  static async start(target: number, ca: string, pair: Pair): Promise<AcmeProxy> {
    const proxy = new AcmeProxy(target, ca, pair);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get directory(): string {
    return `https://localhost:${(this.#server.address() as AddressInfo).port}/dir`;
  }

  /** Rejects the next order of a name, as an authority does whose limit is reached. @param retryAfter in seconds */
  limit(name: string, retryAfter: number): void {
    this.#limited.set(name, retryAfter);
  }

  /** Holds back the next request to check a challenge. */
  hold(): { arrived: Promise<void>; release: () => void } {
    const arrived = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    this.#held = { arrived: arrived.resolve, released: released.promise };
    return { arrived: arrived.promise, release: released.resolve };
  }

  /**
   * Calls back once the authority has done the next request to a path, before the client gets the answer.
   *
   * @returns resolves after the callback
   */
  afterNext(path: string, callback: () => Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      this.#next = { path, callback: () => callback().then(resolve) };
    });
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #isAnswered(url: string, body: Buffer, outgoing: ServerResponse): Promise<boolean> {
    if (url === '/sign-me-up') this.accounts.push(payloadOf(body));
    if (url.startsWith('/chalZ/') && this.#held && JSON.parse(body.toString()).payload !== '') {
      const { arrived, released } = this.#held;
      this.#held = undefined;
      arrived();
      await released;
    }
    if (url !== '/order-plz') return false;
    const { identifiers, replaces } = payloadOf(body) as { identifiers: { value: string }[]; replaces?: string };
    const name = identifiers[0]!.value;
    const retryAfter = this.#limited.get(name);
    if (retryAfter === undefined) {
      this.orders.push({ name, ...(replaces !== undefined && { replaces }) });
      return false;
    }
    this.#limited.delete(name);
    outgoing.writeHead(429, { 'content-type': 'application/problem+json', 'retry-after': String(retryAfter) });
    outgoing.end(JSON.stringify({ type: 'urn:ietf:params:acme:error:rateLimited', detail: 'too many orders' }));
    return true;
  }
}

const payloadOf = (body: Buffer): Record<string, unknown> =>
  JSON.parse(Buffer.from(JSON.parse(body.toString()).payload, 'base64url').toString());
