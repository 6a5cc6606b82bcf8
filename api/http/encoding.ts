/** Codings this runtime can write, the preferred first; the bytes come compressed. */
export interface Compression {
  codings: readonly string[];
  compress(coding: string, body: string | Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
}

/** Shorter bodies do not get shorter. In characters. */
const WORTH_IT = 1024;

/**
 * The coding to send a body in: of those the client accepts best, the one we prefer; undefined = as it is.
 *
 * @param accepted Accept-Encoding (RFC 9110 §12.5.3): `gzip, zstd;q=0.8, *;q=0`
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
 * Compresses a body where client and size make it worth it, and says in the headers what was done. ETags stay as they are: they name a version
 * of the resource, which `If-Match` compares, and caches tell codings apart by Vary.
 */
export async function encode<B extends string | Uint8Array<ArrayBuffer>>(
  body: B,
  headers: Record<string, string>,
  request: Headers,
  compression: Compression,
): Promise<B | Uint8Array<ArrayBuffer>> {
  if (body.length < WORTH_IT) return body;
  headers.vary = 'accept-encoding';
  const coding = codingFor(request.get('accept-encoding'), compression.codings);
  if (coding === undefined) return body;
  headers['content-encoding'] = coding;
  return compression.compress(coding, body);
}
