/** Checks the rules of a configuration as a whole. The schemas of the kinds check the fields of each resource. */
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
import { delegatingTo } from '../matching/delegation.ts';
import { type Pausable, withoutPauses } from '../pausable.ts';
import { resourceName } from '../violations.ts';
import { automatic } from './automatic.ts';
import { bindingEffects } from './binding-effects.ts';
import { coalescing } from './coalescing.ts';
import { delegation } from './delegation.ts';
import { destinations } from './destinations.ts';
import { ruleEffects, serverEffects, upstreamEffects } from './effects.ts';
import type { Check, Findings, NamesByKind } from './findings.ts';
import { guards } from './guards.ts';
import { certificateNames, certificatePairs, hosts } from './hosts.ts';
import { meshName } from './mesh.ts';
import { parents } from './parents.ts';
import { protocols } from './protocols.ts';
import { reachability } from './reachability.ts';
import { redirectLoops } from './redirect-loops.ts';
import { references } from './references.ts';
import { sameHost } from './same-host.ts';
import { servers } from './servers.ts';
import { shadowed } from './shadowed.ts';
import { sharedServers } from './shared-servers.ts';
import { unmatchable } from './unmatchable.ts';
import { unmet } from './unmet.ts';

export { checkingOnFleets, checkOnFleets, routesWithoutFleet } from './fleets.ts';

export type { Findings };

/** The checks stop after this number of findings. Nobody reads more, and each uses memory until the response ends. */
const ENOUGH = 25_000;

/**
 * A check that finds only warnings stops after this number of pauses. No configuration of a usual shape reaches it. It
 * limits what a configuration can cost in which very many resources must be compared with each other.
 */
const MOST_PAUSES = 1_000_000;

/**
 * The checks in the order of their findings, each with the kinds that it reads. A check runs only when one of these
 * kinds changed. They are written here because the code of a check names them too (`configuration.entries('route')`).
 * `examines` says which resources of {@link Affected} a check examines; default: `names`. `advises` marks the checks that
 * find only warnings.
 *
 * @public
 */
export const checks: readonly { check: Check; reads: readonly Kind[]; advises?: true; examines?: 'referring' }[] = [
  { check: references, reads: kindIds, examines: 'referring' },
  { check: delegation, reads: ['route'] },
  { check: destinations, reads: ['route', 'upstream'] },
  { check: servers, reads: ['gateway'] },
  { check: sharedServers, reads: ['gateway'] },
  { check: meshName, reads: ['gateway'] },
  { check: hosts, reads: ['gateway', 'route'], advises: true },
  { check: certificateNames, reads: ['gateway', 'certificate'], advises: true },
  { check: certificatePairs, reads: ['gateway', 'certificate'] },
  { check: automatic, reads: ['gateway', 'certificate', 'upstream'] },
  { check: reachability, reads: ['route'], advises: true },
  { check: unmatchable, reads: ['gateway', 'route'], advises: true },
  { check: guards, reads: ['gateway', 'route'], advises: true },
  { check: coalescing, reads: ['gateway', 'route'], advises: true },
  { check: redirectLoops, reads: ['gateway', 'route'], advises: true },
  { check: shadowed, reads: ['route'], advises: true },
  { check: sameHost, reads: ['route'], advises: true },
  { check: unmet, reads: ['gateway', 'route'], advises: true },
  { check: parents, reads: ['route'], advises: true },
  { check: protocols, reads: ['route', 'upstream'], advises: true },
  { check: ruleEffects, reads: ['route'], advises: true },
  { check: upstreamEffects, reads: ['upstream'], advises: true },
  { check: serverEffects, reads: ['gateway'], advises: true },
  { check: bindingEffects, reads: ['gateway', 'route'], advises: true },
];

/**
 * Runs the checks and returns all findings, in an order that does not depend on the order in which resources were
 * written. It pauses at least once per resource. It stops after 25,000 findings.
 *
 * @param affected the part of the configuration to check, as {@link affectedBy} returns it; default: everything
 */
export function* checking(
  configuration: Configuration,
  { kinds = kindIds, names = {}, referring = names }: Partial<Affected> = {},
): Pausable<Findings> {
  const found: Findings = { errors: [], warnings: [] };
  for (const { check, reads, examines = 'names', advises } of checks) {
    if (!reads.some((kind) => kinds.includes(kind))) continue;
    let pauses = 0;
    for (const _ of check(configuration, found, { names, referring }[examines])) {
      if (found.errors.length + found.warnings.length > ENOUGH) return found;
      if (advises && ++pauses > MOST_PAUSES) break;
      yield;
    }
  }
  return found;
}

/**
 * The same as {@link checking}, without pauses.
 *
 * @example
 * check(configuration).errors
 * // [{ resource: 'routes/shop', path: '/gateways/0', code: 'dangling-reference', … }]
 */
export const check = (configuration: Configuration, names?: NamesByKind): Findings =>
  withoutPauses(checking(configuration, names && { names }));

/**
 * Finds the references to a resource. They prevent its deletion.
 *
 * @returns the resources that refer to it, each with the JSON pointer to the reference; ordered by kind and name
 */
export function referrers(
  configuration: Configuration,
  kind: Kind,
  name: string,
): { resource: string; kind: Kind; name: string; path: string }[] {
  const delegating = kind === 'route' ? delegatingTo(configuration, name) : [];
  const referring = kindsReferringTo([kind]).flatMap((from) =>
    [...configuration.entries(from)].flatMap(([referrer, spec]) =>
      refersTo(from, spec)
        .filter((reference) => isNamed(reference, kind, name))
        .map(({ path }) => ({ resource: resourceName(from, referrer), kind: from, name: referrer, path })),
    ),
  );
  const ofRoutes = delegating.map((each) => ({
    resource: resourceName('route', each.name),
    kind: 'route' as const,
    ...each,
  }));
  return [...referring, ...ofRoutes];
}

const isNamed = (reference: Reference, kind: Kind, name: string): boolean =>
  reference.tenant === undefined && reference.kind === kind && reference.name === name;

/** The part of a configuration that a change can have made invalid. {@link checking} checks only this part. */
export interface Affected {
  /** The kinds that changed. */
  kinds: readonly Kind[];
  /** The resources to check; absent: all resources. */
  names?: NamesByKind;
  /** The resources whose references can dangle; absent: those to check. */
  referring?: NamesByKind;
}

/**
 * Returns the part of a valid configuration that a change can have made invalid. No resource can refer to a resource of
 * some kinds, such as routes. When only resources of these kinds changed, only they need to be checked. Otherwise all
 * resources are. But a write leaves the references in other resources valid, unless it writes a gateway: that may
 * remove a port.
 *
 * @param changes the resources that were written or deleted
 * @example affectedBy([{ verb: 'put', kind: 'route', name: 'shop' }]).names?.route // ['shop']
 */
export function affectedBy(changes: readonly { verb: 'put' | 'delete'; kind: Kind; name: string }[]): Affected {
  const kinds = [...new Set(changes.map(({ kind }) => kind))];
  const named = Map.groupBy(changes, ({ kind }) => kind);
  const names = perKind((kind) => (named.get(kind) ?? []).map(({ name }) => name));
  if (kinds.every(isNeverReferredTo)) return { kinds, names };
  return changes.every(({ verb, kind }) => verb === 'put' && kind !== 'gateway')
    ? { kinds, referring: names }
    : { kinds };
}
