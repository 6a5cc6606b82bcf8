/** Computes which headers of a request the edge keeps, and with which values. */
import type { Underscores } from '../fleet.ts';
import { DEFAULT_UPGRADES } from '../route/upgrades.ts';
import { FORGEABLE_HEADERS, RESERVED_PREFIX } from '../values/header.ts';
import { type EdgeRejection, rejection } from './rejection.ts';
import { isReferer } from './request-target.ts';

/** A header that the edge removes. */
export interface DroppedHeader {
  name: string;
  why: string;
}

/** The headers of a request after the edge removed and joined some of them. */
export interface RequestHeaders {
  /** Values by name in lower case, in the order of the client. */
  kept: Record<string, string[]>;
  dropped: DroppedHeader[];
  /** Whether the Connection header names the Host header. */
  removesHost: boolean;
}

/** Headers for one connection, and headers that Envoy accepts only from trusted proxies. */
const TAKEN_AWAY: ReadonlySet<string> = new Set([
  ...['keep-alive', 'proxy-connection', 'transfer-encoding'],
  ...['x-forwarded-client-cert', 'x-request-id', 'x-forwarded-proto'],
]);
/** Headers that control Envoy or that only Envoy may write. None is accepted from a client. */
const STEERING: ReadonlySet<string> = new Set([
  ...FORGEABLE_HEADERS,
  ...`decorator-operation downstream-service-cluster downstream-service-node expected-rq-timeout-ms external-address
  force-trace hedge-on-per-try-timeout internal ip-tags max-retries original-host original-path original-url
  retriable-header-names retriable-status-codes retry-grpc-on retry-on upstream-alt-stat-name
  upstream-rq-per-try-timeout-ms upstream-rq-timeout-alt-response upstream-rq-timeout-ms upstream-stream-duration-ms`
    .split(/\s+/)
    .map((name) => `x-envoy-${name}`),
]);
/** Headers of which Envoy joins several lines into one. */
const IN_ONE_LINE: ReadonlySet<string> = new Set(
  `accept accept-encoding access-control-request-headers access-control-request-method authorization cache-control
  cdn-loop connection content-encoding content-type expect grpc-accept-encoding grpc-timeout if-match if-modified-since
  if-none-match if-range if-unmodified-since origin pragma proxy-status referer te upgrade user-agent via
  x-client-trace-id x-forwarded-for x-forwarded-host
  x-forwarded-port`.split(/\s+/),
);

/** The characters of a header name: RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it finds
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/**
 * Removes and joins headers as Envoy's HTTP/1.1 codec and connection manager do.
 *
 * @param given values by header name, as the client sends them
 * @param underscores what the port does with names that contain an underscore
 * @returns the headers that routes see, without those that the edge adds; or the response to an invalid request
 */
export function headersOf(
  given: Readonly<Record<string, string | readonly string[]>>,
  underscores: Underscores = 'drop',
): RequestHeaders | EdgeRejection {
  const sent: Record<string, string[]> = Object.create(null);
  for (const [written, values] of Object.entries(given)) {
    const name = written.toLowerCase();
    if (!TOKEN.test(name)) return rejection(400, 'the name of a header holds a character that no name has');
    if (underscores === 'reject' && name.includes('_'))
      return rejection(400, `the name of the header ${name} has an underscore, which this port rejects`);
    for (const value of [values].flat()) {
      if (CONTROL.test(value)) return rejection(400, `the header ${name} holds a control character`);
      (sent[name] ??= []).push(value.replace(/^[ \t]+|[ \t]+$/g, ''));
    }
  }
  const unframed = whyUnframed(sent['content-length'], sent['transfer-encoding']);
  if (unframed) return unframed;
  for (const [name, values] of Object.entries(sent)) if (IN_ONE_LINE.has(name)) sent[name] = inOneLine(values);
  const nominated = nominatedBy(sent);
  if ('status' in nominated) return nominated;
  const kept: Record<string, string[]> = Object.create(null);
  const dropped: DroppedHeader[] = [];
  const isUpgrade = asksForUpgrade(sent);
  for (const [name, values] of Object.entries(sent)) {
    const why = droppedBecause(name, values, nominated, isUpgrade, underscores);
    if (why !== undefined) dropped.push({ name, why });
    else kept[name] = name === 'connection' ? [withoutNominated(values[0]!, nominated)] : valuesOf(name, values);
  }
  return { kept, dropped, removesHost: nominated.has('host') };
}

/** Envoy reduces a TE header to the one coding that it supports. */
const valuesOf = (name: string, values: string[]): string[] =>
  name === 'te' && values[0] !== '' ? ['trailers'] : values;

/** The largest length of a body that Envoy reads. */
const MAX_LENGTH = 2n ** 64n - 1n;

/** RFC 9112 §6: the headers that say where the body ends must agree, or a request could hide in the body of another. */
function whyUnframed(lengths: readonly string[] = [], encodings: readonly string[] = []): EdgeRejection | undefined {
  const [length, ...others] = lengths;
  if (others.length > 0) return rejection(400, 'it has several Content-Length headers');
  if (length !== undefined && !(/^\d+$/.test(length) && BigInt(length) <= MAX_LENGTH))
    return rejection(400, 'its Content-Length is not a number');
  if (encodings.length === 0) return undefined;
  if (length !== undefined) return rejection(400, 'it has both a Content-Length and a Transfer-Encoding');
  if (encodings.join().toLowerCase() === 'chunked') return undefined;
  return rejection(501, 'the only Transfer-Encoding that the edge reads is chunked');
}

const tokensOf = (value = ''): string[] => value.split(',').map((token) => token.trim());

/** The number of options in a Connection header from which Envoy rejects the request. */
const TOO_MANY = 10;
/** The length of a TE header, in characters, from which Envoy rejects a request whose Connection header names it. */
const TOO_LONG_TE = 256;
/** Options of a Connection header that name no header to remove. */
const OPTIONS: ReadonlySet<string> = new Set(['', 'close', 'http2-settings', 'keep-alive', 'upgrade']);
/** Headers that no Connection header may name, because their absence would hide where a request comes from. */
const NEVER_NOMINATED: ReadonlySet<string> = new Set(['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto']);

/** Returns the headers that the Connection header names (RFC 9110 §7.6.1), in lower case. */
function nominatedBy({ connection, te }: Record<string, string[]>): ReadonlySet<string> | EdgeRejection {
  const tokens = tokensOf(connection?.[0]).map((token) => token.toLowerCase());
  if ((connection?.[0] ?? '').split(',').filter(Boolean).length >= TOO_MANY)
    return rejection(400, 'its Connection header has ten or more options');
  const nominated = new Set(tokens.filter((token) => !OPTIONS.has(token)));
  for (const name of nominated)
    if (NEVER_NOMINATED.has(name) || name.startsWith(':')) return rejection(400, `its Connection header names ${name}`);
  if (nominated.has('te') && (te?.[0]?.length ?? 0) >= TOO_LONG_TE) return rejection(400, 'its TE header is too long');
  return nominated;
}

const withoutNominated = (value: string, nominated: ReadonlySet<string>): string =>
  nominated.size === 0
    ? value
    : tokensOf(value)
        .filter((token) => token !== '' && !nominated.has(token.toLowerCase()))
        .join(',');

/** Whether Envoy reads a request as a request for an upgrade. It ignores upgrades to HTTP/2. */
const asksForUpgrade = ({ connection, upgrade }: Record<string, string[]>): boolean =>
  upgrade !== undefined &&
  upgrade[0]!.toLowerCase() !== 'h2c' &&
  tokensOf(connection?.[0]).some((token) => token.toLowerCase() === 'upgrade');

/**
 * Returns the protocol of an upgrade that the edge rejects with 403, because the rule does not allow it.
 *
 * @param headers the headers that the edge keeps
 * @param allowed `upgrades` of the rule
 */
export function rejectedUpgrade(
  { upgrade }: Record<string, string[]>,
  allowed: readonly string[] = DEFAULT_UPGRADES,
): string | undefined {
  return upgrade && !allowed.includes(upgrade[0]!.toLowerCase()) ? upgrade[0]! : undefined;
}

/**
 * Joins the values of a header with commas, without the empty ones, as Envoy does.
 *
 * @returns a list of one value
 * @example inOneLine(['a', '', 'b']) // ['a,b']
 */
export const inOneLine = ([first = '', ...more]: readonly string[]): string[] => [
  more.reduce((all, value) => (value === '' ? all : all === '' ? value : `${all},${value}`), first),
];

function droppedBecause(
  name: string,
  [value = '']: readonly string[],
  nominated: ReadonlySet<string>,
  isUpgrade: boolean,
  underscores: Underscores,
): string | undefined {
  if (underscores === 'drop' && name.includes('_'))
    return 'its name has an underscore, which some servers read as a hyphen';
  if (name.startsWith(RESERVED_PREFIX)) return 'it is reserved by Gatehouse';
  if (STEERING.has(name)) return 'it controls Envoy, which accepts it from no client';
  if (TAKEN_AWAY.has(name)) return 'the edge removes it, or writes its own';
  if (name === 'connection' || name === 'upgrade') return isUpgrade ? undefined : 'it is for one connection';
  if (name === 'te') return whyNoTrailers(value, nominated);
  if (nominated.has(name)) return 'the Connection header names it';
  if (name === 'expect' && value.toLowerCase() === '100-continue') return 'the edge answers it with 100 Continue';
  if (name === 'referer' && !isReferer(value))
    return 'it is no relative reference, and no absolute URL without user name and fragment';
  return undefined;
}

/** Envoy compares the names of codings in a TE header without case only if the Connection header names it. */
function whyNoTrailers(te: string, nominated: ReadonlySet<string>): string | undefined {
  if (te === '' && !nominated.has('te')) return undefined;
  const tokens = tokensOf(nominated.has('te') ? te.toLowerCase() : te);
  return tokens.includes('trailers') ? undefined : 'only trailers are passed on';
}
