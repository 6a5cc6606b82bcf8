import { Pace } from '../pace.ts';
import { clientGone, Problem } from '../problem.ts';
import type { Content } from '../reply.ts';
import { Turns } from '../store/turns.ts';
import { within } from '../within.ts';

/** The size of the bodies of one tenant that are kept in memory for clients that do not read, in bytes. */
const MOST = 16 * 1024 * 1024;
/** The size that a response may have until it is known, in bytes. */
const EXPECTED = 1024 * 1024;
/** The size from which a body is counted and written in pieces of this size, in bytes. */
const PIECE = 65_536;
/** How often a request looks again whether there is room, in milliseconds, if no other response wakes it. */
const LOOK_AGAIN_MS = 250;

/** How large the successful responses of a route may be. */
export type ResponseSize =
  /** The response has one resource. */
  | 'resource'
  /** The response has many resources. The API makes one such response at a time for each tenant. */
  | 'bulk';

/** A response before it is sent. */
export interface Made {
  status: number;
  headers: Record<string, string>;
  content: Content | null;
}

interface Usage {
  /** The size of responses that are made or not completely read, in bytes. */
  bytes: number;
  waiting: (() => void)[];
}

/**
 * The memory for large responses. A tenant chooses how large they are, how many it requests at once, and whether it
 * reads them. So the API makes a response only when the tenant's clients have read nearly all earlier ones.
 */
export class ResponseRoom {
  readonly #patience: number;
  readonly #turns = new Turns();
  readonly #tenants = new Map<string, Usage>();

  /**
   * @param patience how long a request waits for room, in milliseconds: until then, clients that read nothing are
   *   disconnected
   */
  constructor(patience: number) {
    this.#patience = patience;
  }

  /**
   * Makes a response when there is room for it.
   *
   * @param request the request, whose signal is aborted when the client disconnects
   * @param work does what the request asks for; it is not called if there is no room
   * @throws Problem `too-many-requests` with Retry-After, `request-timeout` when the client has disconnected, and what
   *   `work` throws
   */
  async make(tenant: string, size: ResponseSize, request: Request, work: () => Promise<Made>): Promise<Response> {
    const until = performance.now() + this.#patience;
    const begin = async () => {
      const usage = await this.#enter(tenant, request.signal, until);
      const release = this.#reserve(tenant, usage, EXPECTED);
      try {
        const { content, ...init } = await work();
        if (content === null || request.method === 'HEAD') return new Response(content, init);
        // Of a stream, only the part that was read last is in memory.
        if (content instanceof ReadableStream)
          return new Response(untilEnd(content, this.#held(tenant, usage, EXPECTED, request)), init);
        if (content.length < PIECE) return new Response(content, init);
        const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
        init.headers['content-length'] = String(bytes.length);
        return new Response(inPieces(bytes, this.#held(tenant, usage, bytes.length, request)), init);
      } finally {
        release();
      }
    };
    return size === 'bulk' ? this.#turns.run(tenant, begin) : begin();
  }

  /** Waits for room. */
  async #enter(tenant: string, signal: AbortSignal, until: number): Promise<Usage> {
    for (;;) {
      if (signal.aborted) throw clientGone();
      const usage = this.#usageOf(tenant);
      if (usage.bytes < MOST) return usage;
      if (performance.now() >= until)
        throw new Problem('too-many-requests', {
          detail: 'the responses to earlier requests of this tenant were not read; nothing was changed',
          headers: { 'retry-after': '5' },
        });
      await within(LOOK_AGAIN_MS, new Promise<void>((resolve) => usage.waiting.push(resolve)));
    }
  }

  #usageOf(tenant: string): Usage {
    let usage = this.#tenants.get(tenant);
    if (!usage) this.#tenants.set(tenant, (usage = { bytes: 0, waiting: [] }));
    return usage;
  }

  /** Counts bytes, until the returned function is called or the client disconnects. */
  #held(tenant: string, usage: Usage, bytes: number, { signal }: Request): () => void {
    const free = this.#reserve(tenant, usage, bytes);
    signal.addEventListener('abort', free, { once: true });
    return free;
  }

  /**
   * Counts bytes.
   *
   * @returns a function that ends the count; a second call has no effect
   */
  #reserve(tenant: string, usage: Usage, bytes: number): () => void {
    usage.bytes += bytes;
    let isCounted = true;
    return () => {
      if (!isCounted) return;
      isCounted = false;
      usage.bytes -= bytes;
      if (usage.bytes >= MOST) return;
      for (const wake of usage.waiting.splice(0)) wake();
      if (usage.bytes === 0 && this.#tenants.get(tenant) === usage) this.#tenants.delete(tenant);
    };
  }
}

/** Makes a body that is written as fast as the client reads it. `free` is called when nothing of it is left. */
function inPieces(bytes: Uint8Array<ArrayBuffer>, free: () => void): ReadableStream<Uint8Array<ArrayBuffer>> {
  let from = 0;
  const pace = new Pace();
  return new ReadableStream(
    {
      async pull(controller) {
        // While the client reads as fast as the API writes, nothing else runs between two pieces.
        if (pace.isDue) await pace.rest();
        controller.enqueue(bytes.subarray(from, (from += PIECE)));
        if (from < bytes.length) return;
        controller.close();
        free();
      },
      cancel: free,
    },
    { highWaterMark: 0 },
  );
}

/** Returns the same stream. `free` is called when it has ended. */
function untilEnd(stream: ReadableStream<Uint8Array>, free: () => void) {
  return stream.pipeThrough(new TransformStream({ flush: free, cancel: free }));
}
