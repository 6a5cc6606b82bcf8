/**
 * Finds the scope of a request as Envoy does. Envoy first tries the authority as the client wrote it. Then the filters
 * of `dataplane/compile/manager/filters/fallback.ts` try other keys, one per step.
 */
import type { Scope, ScopeTable } from '../binding/scope-table.ts';
import { WILDCARD_STEPS } from '../values/host.ts';

/** The scope of a request. */
export interface FoundScope {
  scope: Scope;
  /**
   * The keys above which the next wildcard was tried, from the host of the request upwards. A connection that was
   * opened for one of these names may carry the request.
   */
  below: string[];
}

/**
 * Finds the scope that serves a request.
 *
 * @param port as gateways name it
 * @param authority the Host header as the client wrote it
 * @returns undefined when Envoy finds none
 */
export function scopeOf(table: ScopeTable, port: number, authority: string): FoundScope | undefined {
  const below: string[] = [];
  let key = authority;
  for (let step = 0; ; step++) {
    // Envoy uses the part before the first colon as the key.
    const scope = table.scope(port, key.replace(/:.*/s, ''));
    if (scope) return { scope, below };
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
