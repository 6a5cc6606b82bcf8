import { getPublicSuffix } from 'tldts';
import type { HostPattern } from './host.ts';

/** Host patterns are host names, so tldts need not extract the host from a URL. */
const options = { allowPrivateDomains: true, validateHostname: false, extractHostname: false };

/**
 * Returns the public suffix that a host pattern is, or covers as a whole; undefined when there is none. Anybody can
 * register names under a public suffix, so no tenant owns it. The private section of the list (`github.io`) counts.
 * Every single label, such as `com` or `localhost`, is a public suffix, as https://publicsuffix.org/list/ specifies.
 *
 * @example publicSuffix('*.co.uk') // 'co.uk'
 * @example publicSuffix('*.example.co.uk') // undefined
 */
export function publicSuffix(pattern: HostPattern): string | undefined {
  const name = pattern.startsWith('*.') ? pattern.slice(2) : pattern;
  if (isSuffix(name)) return name;
  // The list may contain `*.kawasaki.jp`, which makes every name below `kawasaki.jp` a suffix. `x--0` tests for such a
  // rule, because no exception on the list has this label.
  return pattern !== name && isSuffix(`x--0.${name}`) ? name : undefined;
}

const isSuffix = (name: string): boolean => getPublicSuffix(name, options) === name;
