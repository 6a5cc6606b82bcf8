import type { Configuration } from './configuration.ts';
import type { Upstream } from './kinds/upstream.ts';
import { checksPerHour } from './upstream/health-check.ts';
import { carries, type Labels } from './values/labels.ts';

/** The largest number of endpoints of an upstream, registered ones included. */
export const MOST_ENDPOINTS = 2000;

/** How many endpoints with the same labels are registered at an upstream. */
export interface RegisteredGroup {
  upstream: string;
  labels: Labels;
  count: number;
}

/**
 * Returns the upstream with its registered endpoints, for the rules about all endpoints of an upstream.
 *
 * @param groups the registered endpoints of the tenant; only their number and their labels matter to these rules
 */
export function withRegistered(upstream: Upstream, name: string, groups: readonly RegisteredGroup[]): Upstream {
  const added = groups
    .filter((group) => group.upstream === name)
    .flatMap(({ labels, count }) => Array.from({ length: count }, () => ({ address: '192.0.2.1', labels })));
  return { ...upstream, endpoints: [...upstream.endpoints, ...added] };
}

/** Counts registered endpoints as Envoy stores them: once, and once more for each subset that selects it. */
export function registeredAmount(configuration: Configuration, groups: readonly RegisteredGroup[]): number {
  let amount = 0;
  for (const group of groups) amount += amountOfGroup(configuration.get('upstream', group.upstream), group);
  return amount;
}

/** Counts the health checks that registered endpoints cause per hour in one Envoy. */
export function registeredChecks(configuration: Configuration, groups: readonly RegisteredGroup[]): number {
  let checks = 0;
  for (const group of groups) {
    const upstream = configuration.get('upstream', group.upstream);
    if (upstream?.healthChecks) checks += checksPerHour(upstream, amountOfGroup(upstream, group));
  }
  return checks;
}

function amountOfGroup(upstream: Upstream | undefined, { labels, count }: RegisteredGroup): number {
  const selecting = (upstream?.subsets ?? []).filter((subset) => carries(labels, subset.labels));
  return count * (1 + selecting.length);
}
