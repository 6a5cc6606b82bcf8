/** Checks rules that concern a configuration as a whole, and not one resource alone. */
import type { Configuration } from '../configuration.ts';
import {
  isNeverReferredTo,
  type Kind,
  kindIds,
  kindsReferringTo,
  perKind,
  type Reference,
  refersTo,
} from '../kinds/index.ts';
import { type Pausable, withoutPauses } from '../pausable.ts';
import { resourceName } from '../violations.ts';
import { destinations } from './destinations.ts';
import type { Check, Findings, NamesByKind } from './findings.ts';
import { guards } from './guards.ts';
import { certificateNames, hosts } from './hosts.ts';
import { reachability } from './reachability.ts';
import { references } from './references.ts';
import { servers } from './servers.ts';
import { unmatchable } from './unmatchable.ts';

export { checkingOnFleets, checkOnFleets, routesWithoutFleet } from './fleets.ts';

export type { Findings };

/** The largest number of findings. Nobody reads more, and each uses memory until the response is sent. */
const ENOUGH = 25_000;

/**
 * The checks in their order, each with the kinds that it reads: its findings change only with these. The kinds are
 * written out because a check names them in its own code too (`configuration.entries('route')`).
 */
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
 * Runs the checks, and finds every problem at once, in an order that does not depend on insertion. One step is one
 * resource.
 *
 * @param affected what a change can have made invalid or odd; default: everything
 */
export function* checking(
  configuration: Configuration,
  { kinds = kindIds, names = {} }: Partial<Affected> = {},
): Pausable<Findings> {
  const found: Findings = { errors: [], warnings: [] };
  for (const { check, reads } of checks) {
    if (!reads.some((kind) => kinds.includes(kind))) continue;
    for (const _ of check(configuration, found, names)) {
      if (found.errors.length + found.warnings.length > ENOUGH) return found;
      yield;
    }
  }
  return found;
}

/**
 * The same as {@link checking}, without pauses.
 *
 * @example check(configuration).errors // [{ resource: 'routes/shop', path: '/gateways/0', code: 'dangling-reference', … }]
 */
export const check = (configuration: Configuration, names?: NamesByKind): Findings =>
  withoutPauses(checking(configuration, names && { names }));

/** The resources that refer to a resource, and where in their specs: they prevent its deletion. */
export function referrers(
  configuration: Configuration,
  kind: Kind,
  name: string,
): { resource: string; kind: Kind; name: string; path: string }[] {
  return kindsReferringTo([kind]).flatMap((from) =>
    [...configuration.entries(from)].flatMap(([referrer, spec]) =>
      refersTo(from, spec)
        .filter((reference) => isNamed(reference, kind, name))
        .map(({ path }) => ({ resource: resourceName(from, referrer), kind: from, name: referrer, path })),
    ),
  );
}

const isNamed = (reference: Reference, kind: Kind, name: string): boolean =>
  reference.tenant === undefined && reference.kind === kind && reference.name === name;

/** What a change can have made invalid or odd: {@link checking} looks at that alone. */
export interface Affected {
  /** The kinds that changed. */
  kinds: readonly Kind[];
  /** The resources to look at. */
  names?: NamesByKind;
}

/**
 * What a change of a sound configuration affects. Nothing refers to some kinds, such as routes, and no resource of such
 * a kind depends on another one of it. When only these changed, the resources that changed are all that needs a check.
 *
 * @param changes the resources that were written or deleted
 */
export function affectedBy(changes: readonly { kind: Kind; name: string }[]): Affected {
  const kinds = [...new Set(changes.map(({ kind }) => kind))];
  if (!kinds.every(isNeverReferredTo)) return { kinds };
  const named = Map.groupBy(changes, ({ kind }) => kind);
  return { kinds, names: perKind((kind) => (named.get(kind) ?? []).map(({ name }) => name)) };
}
