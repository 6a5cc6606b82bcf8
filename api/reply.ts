/** The reply of a route, before the API writes it to the connection. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  /** The values of the headers `Set-Cookie`. */
  cookies?: readonly string[];
  /** The body, which is written as JSON. */
  body?: unknown;
  /** The body, if it is written unchanged instead of as JSON. */
  raw?: RawBody;
}

/** A body that is not JSON. */
export type RawBody = Content | FixedBytes;

/** What is written to the connection. */
export type Content = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

/**
 * Makes the reply from the result of a verb. The result is known before the write, so the same batch can store the
 * reply.
 */
export type ReplyTo<T> = (made: T) => Reply;

/** A body that is already JSON. */
export class Json {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /**
   * Encodes a body as JSON, unless it is already JSON.
   *
   * @returns undefined when there is no body
   */
  static of(body: unknown): string | undefined {
    return body instanceof Json ? body.text : JSON.stringify(body);
  }
}

/** A large body that is already JSON in UTF-8. */
export class JsonBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.bytes = bytes;
  }
}

/** The bytes of a response that is the same for everybody. The process compresses them once per content coding. */
export class FixedBytes {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #compressed = new Map<string, Uint8Array<ArrayBuffer>>();

  constructor(content: string | Uint8Array<ArrayBuffer>) {
    this.bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  }

  /** Returns the bytes in a content coding. @param compress makes them the first time */
  async compressed(
    coding: string,
    compress: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array<ArrayBuffer>>,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const made = this.#compressed.get(coding) ?? (await compress(this.bytes));
    this.#compressed.set(coding, made);
    return made;
  }
}
