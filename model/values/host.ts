import { z } from 'zod';

/** `*`, `*.example.com` or a whole name, as `normalise` writes it. */
export type HostPattern = string;

const label = '[a-z0-9_]([-a-z0-9_]{0,61}[a-z0-9_])?';
const pattern = new RegExp(`^(\\*|(\\*\\.)?${label}(\\.${label})*)$`);

/**
 * Writes a host in the form in which hosts are stored, compared and served: lower case, without a port and without one
 * trailing dot.
 *
 * @example normalise('Shop.Example:8080') // 'shop.example'
 */
export function normalise(host: string): string {
  const lower = host.toLowerCase().replace(/:\d+$/, '');
  // `*.` is a mistake, not `*`.
  return lower.endsWith('.') && lower !== '*.' ? lower.slice(0, -1) : lower;
}

export const HostPattern = z
  .string()
  .max(260)
  .overwrite(normalise)
  .regex(
    pattern,
    'must be a host name, `*.` before a host name, or `*`; a wildcard replaces whole labels, at the front only',
  )
  .refine((host) => host.length <= 253, 'a host name has at most 253 characters')
  .meta({
    id: 'HostPattern',
    description:
      'An exact host, `*.example.com` (any depth below, never example.com itself) or `*`. Written in any case, with or without port and trailing dot; kept lower-case without them.',
    example: '*.example.com',
  });

/**
 * The host of a request that names none (HTTP/1.0): no server can have it.
 * https://www.rfc-editor.org/rfc/rfc6761#section-6.4
 */
export const NO_HOST = 'none.invalid';

/**
 * Which requests without a registered host name a pattern covers; undefined when it covers none. A name that ends in a
 * number is an IPv4 address, or not a name. https://url.spec.whatwg.org/#ends-in-a-number-checker
 */
export function nameless(pattern: HostPattern): string | undefined {
  if (/(?:^|\.)(?:\d+|0x[0-9a-f]*)$/.test(pattern)) return 'IP addresses';
  return pattern.endsWith('.invalid') ? 'requests without a host' : undefined;
}

/** Whether a request for `host` (normalised) is covered. `*.example.com` covers any depth, never the apex. */
export function matches(pattern: HostPattern, host: string): boolean {
  if (pattern === '*') return true;
  if (!pattern.startsWith('*.')) return pattern === host;
  return host.length > pattern.length - 1 && host.endsWith(pattern.slice(1));
}

/** Whether everything `inner` matches, `outer` matches too. */
export function covers(outer: HostPattern, inner: HostPattern): boolean {
  if (outer === inner || outer === '*') return true;
  if (inner === '*') return false;
  // `*.b.c` lies inside `*.c` just as any host `x.b.c` does.
  return outer.startsWith('*.') && inner.length > outer.length - 1 && inner.endsWith(outer.slice(1));
}

/**
 * The pattern of the hosts that both patterns match: the narrower of the two, because host patterns are nested or
 * disjoint.
 *
 * @returns undefined when no host matches both
 * @example intersect('*.example.com', 'shop.example.com') // 'shop.example.com'
 */
export function intersect(a: HostPattern, b: HostPattern): HostPattern | undefined {
  if (covers(a, b)) return b;
  return covers(b, a) ? a : undefined;
}

/**
 * How many wildcards above a host are tried, one step each: docs/decisions/0008-wildcards.md. Another spelling of the
 * host costs one step.
 */
export const WILDCARD_STEPS = 6;

/**
 * The patterns that cover a host, the most specific first: the host itself, the wildcards above it, `*`.
 *
 * @example [...candidates('a.b.c')] // ['a.b.c', '*.b.c', '*.c', '*']
 */
export function* patternsCovering(host: string): Generator<HostPattern> {
  yield host;
  for (let dot = host.indexOf('.', host.startsWith('*.') ? 2 : 0); dot !== -1; dot = host.indexOf('.', dot + 1))
    yield `*${host.slice(dot)}`;
  if (host !== '*') yield '*';
}
