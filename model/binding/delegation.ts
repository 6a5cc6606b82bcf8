/** What the routes of a configuration name for delegation. Most configurations name nothing. */
import type { Configuration } from '../configuration.ts';
import { Fact } from '../fact.ts';
import type { Kind } from '../kinds/index.ts';
import type { Route } from '../kinds/route.ts';
import { isAboutDelegation, targetsOf } from '../route/delegate.ts';
import { parseReference } from '../values/reference.ts';

/** The names of other tenants that the routes of a configuration name for delegation. */
interface Named {
  /** The routes of other tenants to which rules delegate, as `owner/name`. */
  children: ReadonlySet<string>;
  /** The other tenants whose routes may delegate to routes of the configuration. */
  parents: ReadonlySet<string>;
}

/** No route delegates or has parents. */
const none: Named = { children: new Set(), parents: new Set() };
/** Routes delegate to each other, and only within their tenant. */
const within: Named = { ...none };
const namedBy = new Fact<Named>();

/** Returns what the routes of a configuration name of other tenants. */
export function delegationOf(configuration: Configuration): Named {
  const routes = configuration.identity('route');
  let named = namedBy.of(routes);
  if (!named) {
    const children = new Set<string>();
    const parents = new Set<string>();
    let isAny = false;
    for (const [, route] of configuration.entries('route')) {
      if (!isAboutDelegation(route)) continue;
      isAny = true;
      for (const target of targetsOf(route)) if (parseReference(target).tenant !== undefined) children.add(target);
      for (const each of route.parents ?? []) {
        const { tenant } = parseReference(each);
        if (tenant !== undefined) parents.add(tenant);
      }
    }
    named = !isAny ? none : children.size + parents.size === 0 ? within : { children, parents };
    namedBy.note(routes, named);
  }
  return named;
}

/** Whether a route of the configuration delegates or has parents. */
export const hasDelegation = (configuration: Configuration): boolean => delegationOf(configuration) !== none;

/** Returns the tenants to whose routes the rules of a configuration delegate. */
export const childTenants = (configuration: Configuration): Set<string> =>
  new Set([...delegationOf(configuration).children].map((each) => parseReference(each).tenant!)); // all are foreign

/**
 * Notes that no route of a configuration delegates or has parents, if that follows from the change that led to it. All
 * its routes need not be read then.
 *
 * @param written the resources that the change wrote
 */
export function inheritNoDelegation(
  before: Configuration,
  after: Configuration,
  written: readonly { kind: Kind; spec?: unknown }[],
): void {
  if (before.shares('route', after) || hasDelegation(before)) return;
  const isAboutIt = ({ kind, spec }: { kind: Kind; spec?: unknown }) =>
    kind === 'route' && spec !== undefined && isAboutDelegation(spec as Route);
  if (!written.some(isAboutIt)) namedBy.note(after.identity('route'), none);
}
