/** What one resource alone cannot show: whether a configuration holds together. */
import type { Configuration } from '../configuration.ts';
import { type Kind, kindIds, refersTo } from '../kinds/index.ts';
import { finished, type Steps } from '../steps.ts';
import { resourceName } from '../violations.ts';
import { destinations } from './destinations.ts';
import type { Check, Findings } from './findings.ts';
import { guards } from './guards.ts';
import { certificateNames, hosts } from './hosts.ts';
import { reachability } from './reachability.ts';
import { references } from './references.ts';
import { servers } from './servers.ts';
import { unmatchable } from './unmatchable.ts';

export { checkingOnFleets, checkOnFleets, routesWithoutFleet } from './fleets.ts';

export type { Findings };

/** Nobody reads more, and each finding takes memory until the response. */
const ENOUGH = 25_000;

/** In order, each with the kinds that it looks at: what it finds changes with these alone. */
const checks: readonly { check: Check; reads: readonly Kind[] }[] = [
  { check: references, reads: kindIds },
  { check: destinations, reads: ['route', 'upstream'] },
  { check: servers, reads: ['gateway'] },
  { check: hosts, reads: ['gateway', 'route'] },
  { check: certificateNames, reads: ['gateway', 'certificate'] },
  { check: reachability, reads: ['route'] },
  { check: unmatchable, reads: ['gateway', 'route'] },
  { check: guards, reads: ['gateway', 'route'] },
];

/**
 * Every problem at once, in an order that does not depend on insertion.
 *
 * @param routes those to look at. Nothing refers to a route and none depends on another, so when a sound configuration changed in routes alone,
 *   the changed ones say it all: the cost is that of the change
 * @param kinds those that changed: only checks that read one of them run
 */
export function* checking(
  configuration: Configuration,
  routes = configuration.names('route'),
  kinds: readonly Kind[] = kindIds,
): Steps<Findings> {
  const found: Findings = { errors: [], warnings: [] };
  for (const { check, reads } of checks) {
    if (!reads.some((kind) => kinds.includes(kind))) continue;
    for (const _ of check(configuration, found, routes)) {
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
