import { getPublicSuffix } from 'tldts';
import type { HostPattern } from './host.ts';

/** Host patterns are host names already: nothing has to be taken out of a URL first. */
const options = { allowPrivateDomains: true, validateHostname: false, extractHostname: false };

/**
 * The public suffix that a host pattern takes as a whole: `co.uk` of `co.uk` and of `*.co.uk`, undefined for `*.example.co.uk`. Under such a
 * name anybody can register, so no tenant owns it. Includes the private section (`github.io`), and, as https://publicsuffix.org/list/ has it
 * for names that are not on the list, every single label: `com`, `localhost`, `*.internal`. IP addresses have none.
 */
export function publicSuffix(pattern: HostPattern): string | undefined {
  const name = pattern.startsWith('*.') ? pattern.slice(2) : pattern;
  if (isSuffix(name)) return name;
  // A rule such as `*.kawasaki.jp` makes a suffix of every name below, and `*.kawasaki.jp` would take them all. No exception has this label.
  return pattern !== name && isSuffix(`x--0.${name}`) ? name : undefined;
}

const isSuffix = (name: string): boolean => getPublicSuffix(name, options) === name;
