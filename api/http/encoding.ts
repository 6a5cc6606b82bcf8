import { FixedBytes } from '../reply.ts';

/** The codings that this runtime can write, in order of preference. Each function returns the compressed bytes. */
export interface Compression {
  codings: readonly string[];
  compress(coding: string, body: string | Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/** The minimum length of a body to compress, in characters. Compression hardly shortens smaller bodies. */
const WORTH_IT = 1024;

/**
 * Chooses the content coding of a response. Among the codings with the client's highest weight, it chooses the first of
 * `codings`. Returns undefined for identity.
 *
 * @param accepted the Accept-Encoding header (RFC 9110 §12.5.3), such as `gzip, zstd;q=0.8, *;q=0`
 * @param codings the codings that the API can write, in order of preference
 */
export function codingFor(accepted: string | null, codings: readonly string[]): string | undefined {
  if (accepted === null) return undefined;
  const weights = new Map<string, number>();
  for (const part of accepted.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((each) => each.trim());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    weights.set(coding, weight === undefined ? 1 : Number(weight) || 0);
  }
  const weightOf = (coding: string) => weights.get(coding) ?? weights.get('*') ?? 0;
  const best = codings.toSorted((a, b) => weightOf(b) - weightOf(a))[0];
  return best !== undefined && weightOf(best) > (weights.get('identity') ?? 0) ? best : undefined;
}

/**
 * Compresses a body, if the client accepts a coding and the body is long enough, and sets the headers. The ETag does
 * not depend on the coding, because it is the version of the resource that `If-Match` compares. Caches distinguish
 * codings by the Vary header.
 */
export async function encode(
  content: string | Uint8Array<ArrayBuffer> | FixedBytes,
  headers: Record<string, string>,
  request: Headers,
  compression: Compression,
): Promise<string | Uint8Array<ArrayBuffer>> {
  const body = content instanceof FixedBytes ? content.bytes : content;
  if (body.length < WORTH_IT) return body;
  headers.vary = 'accept-encoding';
  const coding = codingFor(request.get('accept-encoding'), compression.codings);
  if (coding === undefined) return body;
  headers['content-encoding'] = coding;
  const compress = (each: string | Uint8Array<ArrayBuffer>) => compression.compress(coding, each);
  return content instanceof FixedBytes ? content.compressed(coding, compress) : compress(content);
}
