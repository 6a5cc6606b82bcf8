import { getPublicSuffix } from 'tldts';
import type { HostPattern } from './host.ts';

/** Host patterns are host names already, so no URL needs to be parsed. */
const options = { allowPrivateDomains: true, validateHostname: false, extractHostname: false };

/**
 * The public suffix that a host pattern covers entirely: `co.uk` for `co.uk` and `*.co.uk`, undefined for
 * `*.example.co.uk`. Anybody can register names under a public suffix, so no tenant owns it. The private section of the
 * list counts (`github.io`). So does every single label that is not listed, as https://publicsuffix.org/list/
 * specifies: `com`, `localhost`, `*.internal`. IP addresses have none.
 */
export function publicSuffix(pattern: HostPattern): string | undefined {
  const name = pattern.startsWith('*.') ? pattern.slice(2) : pattern;
  if (isSuffix(name)) return name;
  // A rule such as `*.kawasaki.jp` makes every name below a suffix, so `*.kawasaki.jp` would cover them all. No
  // exception has this label.
  return pattern !== name && isSuffix(`x--0.${name}`) ? name : undefined;
}

const isSuffix = (name: string): boolean => getPublicSuffix(name, options) === name;
