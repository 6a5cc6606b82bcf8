/**
 * Finds the scope of a request as Envoy does. Envoy first tries the authority as the client wrote it. Then the filters
 * of `dataplane/compile/manager/filters/fallback.ts` try other keys, one per step.
 */
import { WILDCARD_STEPS } from '../values/host.ts';

/**
 * Finds the scope that serves a request.
 *
 * @param authority the Host header as the client wrote it
 * @param look returns the scope of a host pattern
 * @returns the scope, and the keys above which the next wildcard was tried; undefined when Envoy finds none
 */
export function findScope<S>(
  authority: string,
  look: (host: string) => S | undefined,
): { found: S; below: string[] } | undefined {
  const below: string[] = [];
  let key = authority;
  for (let step = 0; ; step++) {
    // Envoy uses the part before the first colon as the key.
    const found = look(key.replace(/:.*/s, ''));
    if (found) return { found, below };
    const canonical = canonicalHost(key);
    if (step === WILDCARD_STEPS || canonical === '*') return undefined;
    const isPort = `${canonical}:` === /^[^:]*:?/.exec(key)![0];
    if (canonical !== key && !isPort) {
      key = canonical;
      continue;
    }
    below.push(canonical);
    key = `*${/^\*?\.?[^.]*(.*)$/s.exec(canonical)![1]}`;
  }
}

/**
 * Writes a host as the scripts in Envoy do: in lower case, without its port and without a trailing dot.
 *
 * @example canonicalHost('Shop.Example.:8080') // 'shop.example'
 */
export const canonicalHost = (authority: string): string =>
  authority.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
