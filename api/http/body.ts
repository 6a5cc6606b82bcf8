import { clientGone, Problem } from '../problem.ts';
import type { Limits } from './scan.ts';

/** The size of bodies that a route accepts. */
export type BodySize =
  /** The body has a few fields. */
  | 'small'
  /** The body is one resource, such as a gateway. */
  | 'resource'
  /** The body contains many resources. */
  | 'bulk';

/**
 * The maximum number of values in one resource. The limit is the same for a resource in a bulk body and for a body that
 * is one resource.
 */
const RESOURCE_VALUES = 25_000;
const inside: Omit<Limits, 'values' | 'partDepth'> = {
  depth: 32,
  part: RESOURCE_VALUES,
  members: 25_000,
  // This is enough for a chain of ten certificates in any JSON escaping.
  string: 131_072,
  name: 512,
};

/**
 * Returns the limits on the bytes and on the JSON content of a body. In a usual configuration, a value has more than 20
 * bytes.
 *
 * @param size the size class of the route
 * @param most the operator's limit for bulk bodies, in bytes
 * @param partDepth the number of containers around one resource of a bulk body
 */
export function limitsOf(size: BodySize, most: number, partDepth = 2): Limits & { bytes: number } {
  const limits = { ...inside, partDepth };
  switch (size) {
    case 'small':
      return { ...limits, bytes: Math.min(most, 65_536), values: 2_000 };
    case 'resource':
      return { ...limits, bytes: Math.min(most, 1_048_576), values: RESOURCE_VALUES };
    case 'bulk':
      return { ...limits, bytes: most, values: Math.ceil(most / 10) };
  }
}

/**
 * Reads the body as text, up to its limit.
 *
 * @param types the media types that the route accepts
 * @param limit the maximum size in bytes
 * @throws Problem `unsupported-media-type`, `payload-too-large`
 * @throws Problem `malformed-json` when the body is not UTF-8
 */
export async function readBody(
  request: Request,
  types: readonly string[] = ['application/json'],
  limit: number,
): Promise<string> {
  requireMediaType(request.headers.get('content-type') ?? '', types);
  const tooLarge = () =>
    new Problem('payload-too-large', { detail: `at most ${limit} bytes`, headers: { connection: 'close' } });
  const length = request.headers.get('content-length');
  if (length !== null) {
    if (Number(length) > limit) throw tooLarge();
    const body = await request.arrayBuffer().catch(throwClientGone);
    return decoded(() => whole(body));
  }
  // A chunked body has no length header, so its bytes are counted while they are read.
  if (!request.body) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(throwClientGone);
    if (done) break;
    size += value.byteLength;
    if (size > limit) {
      await reader.cancel();
      throw tooLarge();
    }
    chunks.push(value);
  }
  const decoder = strict();
  return decoded(() => chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join('') + decoder.decode());
}

/** A body cannot be read when its client breaks it off, or sends a wrong chunk. That is no fault of the API. */
function throwClientGone(): never {
  throw clientGone();
}

/** Checks the media type. JSON is UTF-8 (RFC 8259 §8.1), so other charsets are rejected. */
function requireMediaType(header: string, types: readonly string[]): void {
  const [type = '', ...parameters] = header
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  const accepted = charset === undefined || charset.replaceAll('"', '') === 'utf-8';
  if (types.includes(type) && accepted) return;
  throw new Problem('unsupported-media-type', {
    detail: `send ${types.join(' or ')}${accepted ? '' : ' in UTF-8'}`,
    headers: { 'accept-post': types.join(', ') },
  });
}

/** Creates a strict decoder. It removes the byte order mark that some editors write. */
const strict = () => new TextDecoder('utf-8', { fatal: true });
const lenient = new TextDecoder();

/**
 * Decodes a body. The lenient decoder replaces invalid UTF-8 with U+FFFD. Strict decoding costs more, so the function
 * uses it only for a text that contains U+FFFD.
 */
function whole(body: ArrayBuffer): string {
  const text = lenient.decode(body);
  return text.includes('\uFFFD') ? strict().decode(body) : text;
}

function decoded(decode: () => string): string {
  try {
    return decode();
  } catch (cause) {
    throw new Problem('malformed-json', { detail: 'the body is not UTF-8', cause });
  }
}
