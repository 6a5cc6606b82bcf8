/** The reply of a route, before the API writes it to the connection. */
export interface Reply {
  status: number;
  headers?: Record<string, string>;
  /** The body, which is written as JSON. */
  body?: unknown;
  /** The body, if it is written unchanged instead of as JSON. */
  raw?: RawBody;
}

/** A body that is not JSON. */
export type RawBody = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

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
