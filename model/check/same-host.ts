import { getOrAdd } from '../binding/get-or-add.ts';
import type { Route } from '../kinds/route.ts';
import { isEveryRequest } from '../matching/precedence.ts';
import type { HostPattern } from '../values/host.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/** A route with the pointer of its first rule for every request. */
interface Whole {
  name: string;
  route: Route;
  at: string;
}

/**
 * Warns about a rule for every request if another route has such a rule for the same host at the same gateway: only the
 * first of them serves the rest of the host. It compares the routes in `names` with all.
 */
export const sameHost: Check = function* (configuration, { warnings }, names) {
  const changed = new Map<HostPattern, Whole[]>();
  for (const whole of wholesOf(configuration.entries('route', names.route))) {
    yield;
    for (const host of whole.route.hosts ?? []) getOrAdd(changed, host, (): Whole[] => []).push(whole);
  }
  if (changed.size === 0) return;
  const isChanged = names.route && new Set(names.route);
  const reported = new Set<string>();
  for (const other of wholesOf(configuration.entries('route'))) {
    yield;
    for (const host of other.route.hosts ?? [])
      for (const whole of changed.get(host) ?? []) {
        yield;
        const isLater = (!isChanged || isChanged.has(other.name)) && whole.name >= other.name;
        if (whole.name === other.name || isLater) continue;
        const gateway = commonGateway(whole.route, other.route);
        if (gateway === undefined) continue;
        const [first, second] = precedes(whole, other) ? [whole, other] : [other, whole];
        const pair = `${first.name} ${second.name}`;
        if (reported.has(pair)) continue;
        reported.add(pair);
        warnings.push({
          resource: resourceName('route', second.name),
          path: second.at,
          code: 'unreachable-for-host',
          message: `serves nothing of ${host} at ${gateway}: ${first.at} of ${resourceName('route', first.name)} already matches every request to it`,
        });
      }
  }
};

function* wholesOf(routes: Iterable<[name: string, route: Route]>): Generator<Whole> {
  for (const [name, route] of routes) {
    const { http = [] } = route;
    const rule = http.findIndex(({ match, delegate }) => !delegate && (!match || match.some(isEveryRequest)));
    if (rule >= 0) yield { name, route, at: `/http/${rule}` };
  }
}

const commonGateway = ({ gateways = [] }: Route, other: Route): string | undefined =>
  gateways.find((each) => other.gateways?.includes(each));

/** Whether the rules of a route are tried first: those in the order as written, then by the names of the routes. */
const precedes = (one: Whole, other: Whole): boolean => {
  const [isSpecific, isOther] = [one, other].map(({ route }) => route.order === 'specific');
  return isSpecific === isOther ? one.name < other.name : !isSpecific;
};
