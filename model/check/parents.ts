import { getOrAdd } from '../binding/get-or-add.ts';
import type { Configuration } from '../configuration.ts';
import type { Pausable } from '../pausable.ts';
import { EVERY_ROUTE } from '../route/delegate.ts';
import { quote } from '../values/quote.ts';
import { isForeign } from '../values/reference.ts';
import { resourceName, type Violation } from '../violations.ts';
import type { Check } from './findings.ts';
import { suggestRoute } from './suggest-route.ts';

/**
 * Warns about routes in `parents` that do not exist, or that do not delegate to the route. It says nothing about routes of
 * other tenants: the status of the route does.
 */
export const parents: Check = function* (configuration, { warnings }, names) {
  let delegating: Delegating | undefined;
  for (const [name, { parents }] of configuration.entries('route', names.route)) {
    yield;
    for (const [index, parent] of (parents ?? []).entries()) {
      if (isForeign(parent)) continue;
      delegating ??= yield* delegatingOf(configuration);
      yield;
      const what = wrongParent(configuration, parent, name, delegating, warnings);
      if (what) warnings.push({ resource: resourceName('route', name), path: `/parents/${index}`, ...what });
    }
  }
};

/** The routes of the tenant with a rule that delegates to a route, by the name of that route. */
type Delegating = ReadonlyMap<string, ReadonlySet<string>>;

function* delegatingOf(configuration: Configuration): Pausable<Delegating> {
  const delegating = new Map<string, Set<string>>();
  for (const [name, { http = [] }] of configuration.entries('route')) {
    yield;
    if (isForeign(name)) continue;
    for (const { delegate } of http)
      if (delegate) getOrAdd(delegating, delegate.route, () => new Set<string>()).add(name);
  }
  return delegating;
}

/** @param warnings those that were found before */
function wrongParent(
  configuration: Configuration,
  parent: string,
  child: string,
  delegating: Delegating,
  warnings: readonly Violation[],
): Pick<Violation, 'code' | 'message' | 'hint'> | undefined {
  const found = delegating.get(child);
  if (parent === EVERY_ROUTE)
    return found
      ? undefined
      : { code: 'not-delegated', message: 'no route delegates to this route, so it serves nothing' };
  if (!configuration.has('route', parent)) {
    const meant = suggestRoute(configuration, parent, child, warnings);
    return {
      code: 'dangling-reference',
      message: `there is no route ${quote(parent)}`,
      hint: meant ? `did you mean ${JSON.stringify(meant)}?` : `create routes/${parent}, with a rule that delegates`,
    };
  }
  if (found?.has(parent)) return undefined;
  return {
    code: 'not-delegated',
    message: `no rule of ${resourceName('route', parent)} delegates to this route`,
    hint: `write "delegate": { "route": ${JSON.stringify(child)} } in one of its rules`,
  };
}
