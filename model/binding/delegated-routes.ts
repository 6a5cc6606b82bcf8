/**
 * Delegation between tenants: the routes of other tenants to which rules delegate, as a part of the combined
 * configuration. In it, such a route has the name `owner/name`, and so have the routes and upstreams that it names
 * (docs/decisions/0037-delegation.md).
 */
import type { Configuration, Resource } from '../configuration.ts';
import type { Kind } from '../kinds/index.ts';
import type { Route } from '../kinds/route.ts';
import { isAboutDelegation } from '../route/delegate.ts';
import { withDestinations } from '../route/destinations.ts';
import type { Rule } from '../route/rule.ts';
import { formatReference, parseReference } from '../values/reference.ts';

/** The tenants that the routes of a configuration name for delegation. */
interface Named {
  /** The routes of other tenants to which rules delegate, as `owner/name`. */
  children: ReadonlySet<string>;
  /** The other tenants whose routes may delegate to routes of the configuration. */
  parents: ReadonlySet<string>;
}

const none: Named = { children: new Set(), parents: new Set() };
const namedBy = new WeakMap<object, Named>();

/** Returns what the routes of a configuration name of other tenants. Most configurations name nothing. */
export function delegationOf(configuration: Configuration): Named {
  const routes = configuration.identity('route');
  let named = namedBy.get(routes);
  if (!named) {
    const children = new Set<string>();
    const parents = new Set<string>();
    for (const [, route] of configuration.entries('route')) {
      for (const target of targetsOf(route)) if (parseReference(target).tenant !== undefined) children.add(target);
      for (const each of route.parents ?? []) {
        const { tenant } = parseReference(each);
        if (tenant !== undefined) parents.add(tenant);
      }
    }
    namedBy.set(routes, (named = children.size + parents.size === 0 ? none : { children, parents }));
  }
  return named;
}

/**
 * Notes that a configuration names nothing of other tenants for delegation, if that follows from the change that led to
 * it. All its routes need not be read then.
 *
 * @param written the resources that the change wrote
 */
export function inheritNoDelegation(
  before: Configuration,
  after: Configuration,
  written: readonly { kind: Kind; spec?: unknown }[],
): void {
  if (before.shares('route', after) || delegationOf(before) !== none) return;
  const isAboutIt = ({ kind, spec }: { kind: Kind; spec?: unknown }) =>
    kind === 'route' && spec !== undefined && isAboutDelegation(spec as Route);
  if (!written.some(isAboutIt)) namedBy.set(after.identity('route'), none);
}

/** Returns the tenants to whose routes the rules of a configuration delegate. */
export const childTenants = (configuration: Configuration): Set<string> =>
  new Set([...delegationOf(configuration).children].map((each) => parseReference(each).tenant!)); // all are foreign

const targetsOf = ({ http = [] }: Route): string[] => http.flatMap(({ delegate }) => delegate?.route ?? []);

/**
 * Returns the routes of an owner to which the routes of a tenant delegate, as the tenant's combined configuration
 * contains them. It includes the routes of the owner to which these delegate. A route that does not admit the tenant is
 * left out.
 *
 * @param configuration the configuration of the tenant
 * @param from the configuration of the owner
 */
export function delegatedRoutes(
  configuration: Configuration,
  tenant: string,
  from: Configuration,
  owner: string,
): Resource[] {
  const found = new Map<string, Resource>();
  const due = [...delegationOf(configuration).children]
    .map(parseReference)
    .filter((each) => each.tenant === owner)
    .map(({ name }) => ({ name, isNamedByTenant: true }));
  for (let next = due.pop(); next; next = due.pop()) {
    const { name, isNamedByTenant } = next;
    const route = from.get('route', name);
    if (!route?.parents || found.has(name)) continue;
    const spec = asSeenBy(route, owner, tenant);
    if (isNamedByTenant && !spec.parents!.some((each) => !each.includes('/'))) continue;
    found.set(name, { kind: 'route', name: formatReference({ tenant: owner, name }), spec });
    for (const target of targetsOf(route)) due.push({ name: target, isNamedByTenant: false });
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Rewrites the references of a route of an owner so that they name the same resources for another tenant. */
function asSeenBy({ parents = [], http = [], labels: _, ...route }: Route, owner: string, tenant: string): Route {
  const seen = (text: string): string => {
    const { tenant: of = owner, name } = parseReference(text);
    return of === tenant ? name : formatReference({ tenant: of, name });
  };
  return { ...route, parents: parents.map(seen), http: http.map((rule) => seenRule(rule, owner, seen)) };
}

function seenRule(rule: Rule, owner: string, seen: (text: string) => string): Rule {
  const { delegate } = rule;
  const own = withDestinations(rule, ({ upstream, ...rest }) => ({
    ...rest,
    upstream: formatReference({ tenant: owner, name: upstream }),
  }));
  return delegate ? { ...own, delegate: { route: seen(delegate.route) } } : own;
}
