/** The parts of the Workers runtime and of its bundler that this folder uses. */

declare module 'cloudflare:workers' {
  /**
   * The bindings of `wrangler.toml`, its variables and the secrets.
   * https://developers.cloudflare.com/workers/runtime-apis/bindings/
   */
  export const env: Record<string, unknown>;
  /** Keeps the invocation alive until the promise settles, for at most 30 s after the response. */
  export function waitUntil(promise: Promise<unknown>): void;
}

/** The bundler imports these files as text. */
declare module '*.sql' {
  const text: string;
  export default text;
}

declare module 'cloudflare:sockets' {
  /** https://developers.cloudflare.com/workers/runtime-apis/tcp-sockets/ */
  export function connect(to: { hostname: string; port: number }): {
    readonly readable: ReadableStream<Uint8Array>;
    readonly writable: WritableStream<Uint8Array>;
    readonly closed: Promise<void>;
    close(): Promise<void>;
  };
}
