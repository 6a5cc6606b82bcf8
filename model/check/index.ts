/** What one resource alone cannot show: whether a configuration holds together. */
import type { Configuration } from '../configuration.ts';
import { type Kind, kindIds, refersTo } from '../kinds.ts';
import { finished, type Steps } from '../steps.ts';
import { resourceName } from '../violations.ts';
import { destinations } from './destinations.ts';
import type { Check, Findings } from './findings.ts';
import { guards } from './guards.ts';
import { hosts } from './hosts.ts';
import { reachability } from './reachability.ts';
import { references } from './references.ts';
import { servers } from './servers.ts';
import { unmatchable } from './unmatchable.ts';

export { checkingOnFleets, checkOnFleets } from './fleets.ts';

export type { Findings };

/** Nobody reads more, and each finding takes memory until the response. */
const ENOUGH = 25_000;

const checks: readonly Check[] = [references, destinations, servers, hosts, reachability, unmatchable, guards];

/**
 * Every problem at once, in an order that does not depend on insertion.
 *
 * @param routes those to look at. Nothing refers to a route and none depends on another, so when a sound configuration changed in routes alone,
 *   the changed ones say it all: the cost is that of the change
 */
export function* checking(configuration: Configuration, routes = configuration.names('route')): Steps<Findings> {
  const found: Findings = { errors: [], warnings: [] };
  for (const each of checks) {
    for (const _ of each(configuration, found, routes)) {
      if (found.errors.length + found.warnings.length > ENOUGH) return found;
      yield;
    }
  }
  return found;
}

/** The same without pauses. */
export const check = (configuration: Configuration, routes?: readonly string[]): Findings =>
  finished(checking(configuration, routes));

/** Who refers to a resource, `routes/reviews`, and where: what stands in the way of its deletion. */
export function referrers(
  configuration: Configuration,
  kind: Kind,
  name: string,
): { resource: string; kind: Kind; name: string; path: string }[] {
  return kindIds.flatMap((from) =>
    [...configuration.entries(from)].flatMap(([holder, spec]) =>
      refersTo(from, spec)
        .filter((reference) => reference.kind === kind && reference.name === name)
        .map(({ path }) => ({ resource: resourceName(from, holder), kind: from, name: holder, path })),
    ),
  );
}
