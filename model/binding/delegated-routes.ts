/**
 * Delegation between tenants: the routes of other tenants to which rules delegate, as a part of the combined
 * configuration. In it, such a route has the name `owner/name`, and so have the routes and upstreams that it names
 * (docs/decisions/0037-delegation.md).
 */
import type { Configuration, Resource } from '../configuration.ts';
import type { Route } from '../kinds/route.ts';
import { targetsOf } from '../route/delegate.ts';
import { withDestinations } from '../route/destinations.ts';
import type { Rule } from '../route/rule.ts';
import { formatReference, parseReference } from '../values/reference.ts';
import { delegationOf } from './delegation.ts';

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
