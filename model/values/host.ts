import { z } from 'zod';
import { LOST, lost } from './own.ts';

/** `*`, `*.example.com` or a host name, as {@link normalise} writes it. */
export type HostPattern = string;

const label = '[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?';
const pattern = new RegExp(`^(\\*|(\\*\\.)?${label}(\\.${label})*)$`);

/**
 * Writes a host in the form in which hosts are stored, compared and served: in lower case, without its port and without
 * a trailing dot.
 *
 * @example normalise('Shop.Example:8080') // 'shop.example'
 */
export function normalise(host: string): string {
  const lower = host.toLowerCase().replace(/:\d+$/, '');
  // `*.` stays as it is, so that the schema rejects it. Without its dot it would mean every host.
  return lower.endsWith('.') && lower !== '*.' ? lower.slice(0, -1) : lower;
}

/** Says what is wrong with a text that is no host pattern. */
function wrongHost(text: unknown): string {
  const host = typeof text === 'string' ? asciiOf(text.replace(/^[a-z]+:\/\//, '')) : undefined;
  if (host !== undefined)
    return /[^ -~]/.test(text as string)
      ? `must be written in ASCII, as clients send it: ${host}`
      : `must be the name of the host alone: ${host}`;
  return 'must be a host name, `*.` before a host name, or `*`; a wildcard replaces whole labels, at the front only';
}

/** Writes an international host name in ASCII; undefined when it is none. https://url.spec.whatwg.org/#idna */
function asciiOf(text: string): string | undefined {
  const wildcard = text.startsWith('*.') ? '*.' : '';
  const url = URL.parse(`http://${text.slice(wildcard.length)}`);
  return url && pattern.test(wildcard + url.hostname) ? wildcard + url.hostname : undefined;
}

export const HostPattern = z
  .string()
  .max(260, { abort: true })
  .overwrite(normalise)
  .regex(pattern, { error: ({ input }) => wrongHost(input) })
  .refine((host) => host.length <= 253, 'a host name has at most 253 characters')
  .refine((host) => host !== LOST, { message: lost.message, params: { code: lost.code } })
  .meta({
    id: 'HostPattern',
    description:
      'An exact host, `*.example.com` (any depth below, never example.com itself) or `*`. Written in any case, with or without port and trailing dot; kept lower-case without them.',
    example: '*.example.com',
  });

/**
 * Stands for the host of an HTTP/1.0 request without a Host header. No server of a shared fleet can have it.
 * https://www.rfc-editor.org/rfc/rfc6761#section-6.4
 */
export const NO_HOST = 'none.invalid';

/**
 * Returns which requests a pattern covers whose host is not a registered name; undefined when it covers none. A host
 * that ends in a number is an IPv4 address, or invalid. https://url.spec.whatwg.org/#ends-in-a-number-checker
 *
 * @returns a noun for a sentence, such as `IP addresses`
 */
export function nameless(pattern: HostPattern): string | undefined {
  if (/(?:^|\.)(?:\d+|0x[0-9a-f]*)$/.test(pattern)) return 'IP addresses';
  return pattern.endsWith('.invalid') ? 'requests without a host' : undefined;
}

/**
 * Whether a pattern covers the host of a request. `*.example.com` covers hosts at any depth below `example.com`, but
 * not `example.com` itself.
 *
 * @param host as {@link normalise} writes it
 */
export function matches(pattern: HostPattern, host: string): boolean {
  if (pattern === '*') return true;
  if (!pattern.startsWith('*.')) return pattern === host;
  return host.length > pattern.length - 1 && host.endsWith(pattern.slice(1));
}

/** Whether `outer` matches every host that `inner` matches. */
export function covers(outer: HostPattern, inner: HostPattern): boolean {
  if (outer === inner || outer === '*') return true;
  if (inner === '*') return false;
  // `*.c` covers `*.b.c` for the same reason as it covers the host `x.b.c`.
  return outer.startsWith('*.') && inner.length > outer.length - 1 && inner.endsWith(outer.slice(1));
}

/**
 * Returns the pattern of the hosts that both patterns match. It is the narrower of the two, because host patterns are
 * nested or disjoint.
 *
 * @returns undefined when no host matches both
 * @example intersect('*.example.com', 'shop.example.com') // 'shop.example.com'
 */
export function intersect(a: HostPattern, b: HostPattern): HostPattern | undefined {
  if (covers(a, b)) return b;
  return covers(b, a) ? a : undefined;
}

/**
 * The number of steps in which Envoy looks up a host that is not found as it is written. Each step tries one wildcard
 * above the host, and the canonical spelling of the host costs one step too: docs/decisions/0008-wildcards.md.
 */
export const WILDCARD_STEPS = 6;

/**
 * Lists the patterns that cover a host, the most specific first: the host itself, the wildcards above it, and `*`.
 *
 * @example [...candidates('a.b.c')] // ['a.b.c', '*.b.c', '*.c', '*']
 */
export function* patternsCovering(host: string): Generator<HostPattern> {
  yield host;
  for (let dot = host.indexOf('.', host.startsWith('*.') ? 2 : 0); dot !== -1; dot = host.indexOf('.', dot + 1))
    yield `*${host.slice(dot)}`;
  if (host !== '*') yield '*';
}

/** Whether another one of these hosts covers the host. */
export function isBelowAnother(host: HostPattern, hosts: ReadonlySet<HostPattern>): boolean {
  if (hosts.size === 1) return false;
  for (const above of patternsCovering(host)) if (above !== host && hosts.has(above)) return true;
  return false;
}

/** A host in a request, with a port or without: after the host, or after an IPv6 address in brackets, only a port. */
export const AFTER_COLON = /^(?:\[[^\]]*\]|[^:]*)(?::\d{0,5})?$/;

/** The body of the response with which the edge rejects another Host header, with the status 400. */
export const NOT_A_PORT = 'The Host header has something other than a port after its host.';
