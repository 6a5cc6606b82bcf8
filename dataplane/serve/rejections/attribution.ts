import { isDeepStrictEqual } from 'node:util';
import type { Configuration, Resource } from '../../../model/configuration.ts';
import { type Kind, kindIds, pluralOf } from '../../../model/kinds/index.ts';
import type { Rejection } from '../../../wire/feed.ts';
import type { Entry, Transition } from '../sending/ledger.ts';
import type { Parts } from '../type.ts';
import { type Fault, findFault } from './fault.ts';

/**
 * Returns a text that identifies the content that a resource has in a configuration. Equal content has equal text.
 * Undefined means that the content is unknown.
 */
export type VersionIn = (configuration: Configuration) => string | undefined;

/**
 * Makes a function that builds a resource at most so many times. Other tenants wait meanwhile, and a tenant can make many
 * events about a resource that takes long.
 *
 * @param versionIn builds the resource; it returns undefined when the configuration has no such resource
 * @param most returns the number of times; beyond it, the content is unknown, and an event counts as a change of it
 */
export function limited(
  versionIn: (configuration: Configuration) => string | undefined,
  most: () => number,
): VersionIn {
  const known = new Map<Configuration, string>();
  let limit: number | undefined;
  return (configuration) => {
    limit ??= most();
    if (!known.has(configuration) && known.size < limit) known.set(configuration, attempt(versionIn, configuration));
    return known.get(configuration);
  };
}

export interface Rejected {
  tenant: string;
  /** The tenant's current revision. */
  revision: number;
  configuration: Configuration;
  /** Events whose changes the rejected resource contained. */
  entries: readonly Entry[];
  versionIn: VersionIn;
  /** Returns the parts of a configuration from which the resource is built; undefined when any part may be. */
  partsIn: (configuration: Configuration) => Parts | undefined;
  message: string;
  /** The version that the client keeps, if known. An event that produced this version is served. */
  held?: string | undefined;
  /** Whether the resource was rejected before these events. An event that did not change it then adds no rejection. */
  isKnown: boolean;
}

/**
 * Finds the revisions whose changes are not served while a client rejects one resource. These are the revisions of
 * events that changed the resource's content, or that changed the part of the configuration at fault. The first such
 * event, or an earlier one, made the resource bad. Later changes are in the same rejected resource, so they are not
 * served either.
 */
export function attribute(rejected: Rejected): Rejection[] {
  const { tenant, revision, configuration, entries, message, isKnown } = rejected;
  // The search uses the configuration from which the resource was built. The tenant may have repaired it since.
  const built = entries.at(-1)?.transition?.after ?? configuration;
  const fault = findFault(built, message, parts(rejected, built));
  const forgotten = entries
    .filter((entry) => entry.tenant === tenant && !entry.transition)
    .map((entry) => entry.revision);
  const isMeant = ({ tenant: of, transition }: Entry) =>
    of === tenant &&
    !isHeld(transition, rejected) &&
    (touches(transition, rejected.versionIn) || changed(transition).includes(fault.resource));
  const touching = entries.filter(isMeant);
  const found = touching.flatMap((entry) => rejectionsOf(entry, fault, rejected));
  if (forgotten.length > 0)
    found.push({ tenant, revision: Math.max(...forgotten), from: Math.min(...forgotten), ...fault, message });
  if (found.length > 0) return found;
  return isKnown ? [] : [{ tenant, revision, from: 0, ...fault, message }];
}

function rejectionsOf(entry: Entry, fault: Fault, { tenant, message, versionIn }: Rejected): Rejection[] {
  const { revision, transition } = entry;
  const from = transition?.from ?? revision;
  const whole = { tenant, revision, ...(from < revision && { from }) };
  const own = transition ? responsible(transition, versionIn) : [];
  const isOwn = own.length === 0 || own.includes(fault.resource);
  const first = isOwn ? [{ ...whole, ...fault, message }] : [];
  // Of several revisions in one event, every one that changed the resource is rejected.
  const others = own.filter((resource) => resource !== fault.resource).slice(0, isOwn && from === revision ? 0 : 20);
  const because = `not served while ${fault.resource}${fault.path} is rejected: ${message}`;
  return [...first, ...others.map((resource) => ({ ...whole, resource, path: '', message: because }))];
}

/**
 * Finds the events whose change of a resource was overwritten before the agent sent it. It is unknown whether Envoy
 * would have accepted these changes.
 *
 * @param reported the changes that were reported before, which are left out; the found ones are added
 * @param version the version that the agent sent
 */
export function superseded(
  {
    tenant,
    entries,
    versionIn,
    reported,
  }: Pick<Rejected, 'tenant' | 'entries' | 'versionIn'> & { reported: WeakSet<Transition> },
  version: string,
): Rejection[] {
  const own = entries.filter((entry) => entry.tenant === tenant);
  const last = own.at(-1);
  const now = last?.transition?.after;
  if (!last || !now) return [];
  return own.flatMap(({ revision, transition }): Rejection[] => {
    if (transition && reported.has(transition)) return [];
    const [again] = transition ? changedAgain(transition, now) : [];
    if (again === undefined || !transition?.after) return [];
    if (!touches(transition, versionIn) || versionIn(transition.after) === version) return [];
    reported.add(transition);
    const message = `changed again by revision ${last.revision} before it was sent to the proxy`;
    return [{ tenant, revision, resource: again, path: '', message, superseded: true }];
  });
}

/** Lists the resources that an event changed and that a later event changed again. */
function changedAgain({ before, after }: Transition, now: Configuration): string[] {
  if (!before || !after || after === now) return [];
  return [...changes(before, after)]
    .filter(({ kind, name }) => after.get(kind, name) !== now.get(kind, name))
    .filter(({ kind, name }) => !isDeepStrictEqual(after.get(kind, name), now.get(kind, name)))
    .map(nameOf);
}

const isHeld = (transition: Transition | undefined, { held, versionIn }: Rejected): boolean =>
  held !== undefined && transition?.after !== undefined && versionIn(transition.after) === held;

/** Whether the event changed the content. Content that cannot be built differs from content that can be built. */
function touches(transition: Transition | undefined, versionIn: VersionIn): boolean {
  if (!transition) return false;
  if (!transition.before || !transition.after) return true;
  const [before, after] = [versionIn(transition.before), versionIn(transition.after)];
  return before === undefined || before !== after;
}

/** Lists the resources whose change in this event changed the content, in the form `routes/app`. */
function responsible({ before, after }: Transition, versionIn: VersionIn): string[] {
  if (!before || !after) return [];
  const version = versionIn(after);
  return [...changes(before, after)]
    .filter(({ kind, name }) => {
      const reverted = versionIn(revert(before, after, kind, name));
      return reverted !== undefined && reverted !== version;
    })
    .map(nameOf);
}

/** Lists all resources that an event changed, in the form `routes/app`. */
function changed(transition: Transition | undefined): string[] {
  return transition?.before && transition.after ? [...changes(transition.before, transition.after)].map(nameOf) : [];
}

const nameOf = ({ kind, name }: { kind: Kind; name: string }): string => `${pluralOf(kind)}/${name}`;

function revert(before: Configuration, after: Configuration, kind: Kind, name: string): Configuration {
  const spec = before.get(kind, name);
  return after.change(
    spec === undefined ? { deletes: [{ kind, name }] } : { puts: [{ kind, name, spec } as Resource] },
  );
}

function* changes(before: Configuration, after: Configuration): Generator<{ kind: Kind; name: string }> {
  for (const kind of kindIds) {
    if (before.shares(kind, after)) continue;
    for (const name of new Set([...before.names(kind), ...after.names(kind)])) {
      const [was, is] = [before.get(kind, name), after.get(kind, name)];
      if (was !== is && !isDeepStrictEqual(was, is)) yield { kind, name };
    }
  }
}

/** Returns undefined (any part may be at fault) when the resource cannot be built from the configuration. */
function parts({ partsIn }: Rejected, configuration: Configuration): Parts | undefined {
  try {
    return partsIn(configuration);
  } catch {
    return undefined;
  }
}

function attempt(
  versionIn: (configuration: Configuration) => string | undefined,
  configuration: Configuration,
): string {
  try {
    return versionIn(configuration) ?? '';
  } catch {
    return 'it cannot be built';
  }
}
