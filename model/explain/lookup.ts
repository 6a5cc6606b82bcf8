/**
 * Where Envoy finds the routes of a host: the scope of the authority as it is written, then what
 * `dataplane/compile/manager/filters/fallback.ts` makes of it, one step at a time.
 */
import type { Scope, Served } from '../binding/bind.ts';
import { WILDCARD_STEPS } from '../values/host.ts';

/** The scope that serves an authority on a port; undefined when Envoy finds none. */
export function scopeOf(served: Served, port: number, authority: string): Scope | undefined {
  let key = authority;
  for (let step = 0; ; step++) {
    // The part before a colon is the key of the scope.
    const scope = served.scope(port, key.replace(/:.*/s, ''));
    if (scope || step === WILDCARD_STEPS) return scope;
    const next = nextKey(key);
    if (next === undefined) return undefined;
    key = next;
  }
}

function nextKey(key: string): string | undefined {
  const canonical = key.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  const isPort = `${canonical}:` === /^[^:]*:?/.exec(key)![0];
  if (canonical !== key && !isPort) return canonical;
  if (canonical === '*') return undefined;
  return `*${/^\*?\.?[^.]*(.*)$/s.exec(canonical)![1]}`;
}
