/**
 * Where Envoy finds the routes of a host: the scope of the authority as it is written, then what
 * `dataplane/compile/manager/filters/fallback.ts` makes of it, one step at a time.
 */
import type { Scope, ScopeTable } from '../binding/scope-table.ts';
import { WILDCARD_STEPS } from '../values/host.ts';

/** The scope of a request. */
export interface FoundScope {
  scope: Scope;
  /** The hosts above which wildcards were tried: a connection that was opened for one of them may carry the request. */
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
    // The part before a colon is the key of the scope.
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

/** Lower case, without a port and without one trailing dot, as Envoy's scripts write a host. */
export const canonicalHost = (authority: string): string =>
  authority.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
