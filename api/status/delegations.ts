/** The status of delegation: for a rule that delegates, what it hands to; for the other route, what hands to it. */
import { hasDelegation } from '../../model/binding/delegation.ts';
import type { Configuration } from '../../model/configuration.ts';
import { gatewaysOf, type Route } from '../../model/kinds/route.ts';
import {
  type ConditionPlace,
  conditionPath,
  type DelegationProblem,
  expanded,
} from '../../model/matching/delegation.ts';
import { admitsParent } from '../../model/route/delegate.ts';
import { formatReference, isForeign, parseBinding, parseReference } from '../../model/values/reference.ts';
import { resourceName } from '../../model/violations.ts';
import type { Services } from '../context.ts';
import { Pace } from '../pace.ts';
import { combinedNow, ownersOf, parentsOf } from '../publishing/sharing/owners.ts';
import { serves } from '../serving/serving.ts';
import type { Fleet } from '../store/fleets.ts';

/** The largest number of reasons, of rules and of parents that are listed per route. */
const LISTED = 100;

/** A rule that delegates, or a rule of another route that delegates to this route. */
interface Delegation {
  /** JSON pointer to the condition that delegates. */
  path: string;
  /** The other route: `cart` or `books/cart`. */
  route: string;
  /** The number of conditions of the other route, or of this one, that serve requests of the rule. */
  conditions: number;
  /** Why other conditions, or all, serve none. */
  reasons?: string[];
}

/** The status of the delegations of one route. */
interface RouteDelegations {
  delegates?: Delegation[];
  parents?: Delegation[];
}

/**
 * Adds to the status of each route what its rules hand to other routes, and which rules hand requests to it.
 *
 * @param combined the combined configuration of the tenant
 */
export async function withDelegations<R extends { name: string }>(
  services: Services,
  tenant: string,
  configuration: Configuration,
  combined: Configuration,
  routes: readonly R[],
): Promise<(R & RouteDelegations)[]> {
  if (!hasDelegation(configuration)) return [...routes];
  const pace = new Pace();
  const { shared } = await services.fleets.platform(services.clock());
  const handed = await handing(combined, tenant, undefined, shared, pace);
  const rejected = await rejectedRoutes(services, configuration, new Set(shared.map(({ name }) => name)));
  for (const [parent, { head }] of await parentsOf(services.heads, configuration)) {
    if (!head || parent === tenant) continue;
    const seen = await combinedNow(services, parent, head.configuration);
    handed.push(...(await handing(seen, parent, tenant, shared, pace)));
  }
  return routes.map((route) => {
    const { parents: admitted } = configuration.get('route', route.name)!;
    const of = handed.filter(({ from }) => from === route.name).slice(0, LISTED);
    // A tenant learns nothing of routes that it does not admit.
    const to = handed.filter((each) => each.to === route.name && admitsParent(admitted, each.from));
    const missing = (admitted ?? []).filter((each) => !to.some(({ from }) => admitsParent([each], from)));
    const parents = [
      ...to.map(({ from, path, problems, conditions, unserved }) => ({
        path,
        route: from,
        conditions,
        ...reasonsOf(problems, unserved),
      })),
      ...missing.map((from) => ({
        route: from,
        path: '',
        conditions: 0,
        reasons: ['no rule delegates to this route'],
      })),
    ];
    return {
      ...route,
      ...(of.length > 0 && {
        delegates: of.map(({ path, target, total, problems, used, unserved }) => ({
          path,
          route: target,
          conditions: total,
          ...reasonsOf(problems, [...unserved, ...used.filter((each) => rejected.has(each)).map(heldBack)]),
        })),
      }),
      ...(parents.length > 0 && { parents: parents.slice(0, LISTED) }),
    };
  });
}

/** A condition that delegates, as the tenant of the status sees it. */
interface Handing {
  /** The route of the condition, and the route that it names. */
  from: string;
  target: string;
  /** `target` without the tenant of the status. */
  to: string;
  path: string;
  /** The number of conditions to which it leads, and the number of those in `target` itself. */
  total: number;
  conditions: number;
  /** The routes that have these conditions, or that delegate to them. */
  used: string[];
  problems: DelegationProblem[];
  /** Why no fleet serves `target` here, if that is so although the two routes agree. */
  unserved: string[];
}

/**
 * Lists the conditions of a tenant's routes that delegate.
 *
 * @param tenant the tenant of the configuration
 * @param child only those that delegate to this tenant; absent: all
 * @param shared the shared fleets
 */
async function handing(
  combined: Configuration,
  tenant: string,
  child: string | undefined,
  shared: readonly Fleet[],
  pace: Pace,
): Promise<Handing[]> {
  const all: Handing[] = [];
  for (const [name, route] of combined.entries('route')) {
    if (isForeign(name)) continue;
    for (const { written, conditions, problems } of expanded(combined, name, route)) {
      const target = written.spec.delegate?.route;
      if (target === undefined) continue;
      const { tenant: owner, name: to } = parseReference(target);
      if (child !== undefined && owner !== child) continue;
      if (pace.isDue) await pace.rest();
      const isServed = owner === undefined || isBoundOn(shared, combined, tenant, route);
      const count = (of: readonly unknown[]): number => (isServed ? of.length : 0);
      all.push({
        from: child === undefined ? name : formatReference({ tenant, name }),
        target,
        to: child === undefined ? target : to,
        path: conditionPath(written),
        total: count(conditions),
        conditions: count(
          conditions.filter(({ route: each, via = [] }) => [each, ...via.map((place) => place.route)].includes(target)),
        ),
        used: [...new Set([target, ...conditions.map(({ route: each }) => each)])],
        problems,
        unserved: isServed ? [] : [NO_SHARED_FLEET],
      });
    }
  }
  return all;
}

const NO_SHARED_FLEET =
  'only shared fleets serve a route of another tenant, and none serves the route that delegates to it';

/** Whether one of these fleets serves a gateway of a route. Only fleets of its tenant alone serve the mesh. */
const isBoundOn = (fleets: readonly Fleet[], combined: Configuration, tenant: string, route: Route): boolean =>
  gatewaysOf(route).some((text) => {
    const gateway = combined.get('gateway', parseBinding(text).gateway);
    return gateway !== undefined && fleets.some((fleet) => serves(fleet, tenant, gateway));
  });

function reasonsOf(problems: readonly DelegationProblem[], more: readonly string[] = []): { reasons?: string[] } {
  const reasons = [...new Set([...more, ...problems.map(textOf)])].slice(0, LISTED);
  return reasons.length > 0 ? { reasons } : {};
}

/**
 * Finds the routes of other tenants, to which rules of a configuration delegate, that a connected node of a shared
 * fleet rejects. Only shared fleets serve them here, and what the agents of another tenant report is for that tenant
 * alone.
 */
async function rejectedRoutes(
  { store, heads }: Services,
  configuration: Configuration,
  shared: ReadonlySet<string>,
): Promise<Set<string>> {
  const rejected = new Set<string>();
  for (const [owner, { head }] of await ownersOf(heads, configuration)) {
    const standing = head ? await store.rejections.listStanding(owner, head.revision + 1) : [];
    for (const { resource, superseded, fleet } of standing)
      if (shared.has(fleet) && resource.startsWith(ROUTES) && !superseded)
        rejected.add(formatReference({ tenant: owner, name: resource.slice(ROUTES.length) }));
  }
  return rejected;
}

const ROUTES = resourceName('route', '');

const heldBack = (route: string): string =>
  `a node rejects the current rules of ${route}: it serves the rules that it accepted last, or none of that route`;

function textOf({ by, condition, field, message }: DelegationProblem): string {
  return condition ? `${placeText(condition)}${field} ${message}` : `${placeText(by)}: ${message}`;
}

const placeText = (place: ConditionPlace): string => `routes/${place.route} ${conditionPath(place)}`;
