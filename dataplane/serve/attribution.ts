import { isDeepStrictEqual } from 'node:util';
import type { Configuration, Resource } from '../../model/configuration.ts';
import { type Kind, kindIds, pluralOf } from '../../model/kinds.ts';
import type { Rejection } from '../../wire/feed.ts';
import type { TypeUrl } from '../xds/resource.ts';
import { blame, type Fault } from './blame.ts';
import type { Entry, Step } from './ledger.ts';

/** Names a resource's content: equal content, equal text. Undefined = the resource does not exist. */
type VersionIn = (configuration: Configuration) => string | undefined;

export interface Refused {
  type: TypeUrl;
  name: string;
  tenant: string;
  /** The tenant's revision as it stands. */
  revision: number;
  configuration: Configuration;
  /** Events that the refused resource answered. */
  entries: readonly Entry[];
  versionIn: VersionIn;
  message: string;
  /** Version that the client stays with, where that is known: an event that led to just that is served. */
  held?: string | undefined;
  /** It was refused before these events: one that did not change it adds nothing. */
  isKnown: boolean;
}

/**
 * Finds the revisions whose changes are not served while a client refuses one resource: those of the events that changed its content, or what
 * is at fault in it, and no others. The first of them, or one before, made it bad; what came after stands in the same resource and is not served either.
 */
export function attribute(refused: Refused): Rejection[] {
  const { type, name, tenant, revision, configuration, entries, message, isKnown } = refused;
  // As it was when the resource was built: by now it may be repaired.
  const fault = blame(entries.at(-1)?.step?.after ?? configuration, message, type, name);
  const forgotten = entries.filter((entry) => entry.tenant === tenant && !entry.step).map((entry) => entry.revision);
  const isMeant = ({ tenant: of, step }: Entry) =>
    of === tenant &&
    !isHeld(step, refused) &&
    (touches(step, refused.versionIn) || changed(step).includes(fault.resource));
  const touching = entries.filter(isMeant);
  const found = touching.flatMap((entry) => rejectionsOf(entry, fault, refused));
  if (forgotten.length > 0)
    found.push({ tenant, revision: Math.max(...forgotten), from: Math.min(...forgotten), ...fault, message });
  if (found.length > 0) return found;
  return isKnown ? [] : [{ tenant, revision, from: 0, ...fault, message }];
}

function rejectionsOf(entry: Entry, fault: Fault, { tenant, message, versionIn }: Refused): Rejection[] {
  const { revision, step } = entry;
  const from = step?.from ?? revision;
  const whole = { tenant, revision, ...(from < revision && { from }) };
  const own = step ? responsible(step, versionIn) : [];
  const isOwn = own.length === 0 || own.includes(fault.resource);
  const first = isOwn ? [{ ...whole, ...fault, message }] : [];
  // Of several revisions in one event, each that changed the resource is meant.
  const others = own.filter((resource) => resource !== fault.resource).slice(0, isOwn && from === revision ? 0 : 20);
  const because = `not served while ${fault.resource}${fault.path} is refused: ${message}`;
  return [...first, ...others.map((resource) => ({ ...whole, resource, path: '', message: because }))];
}

/**
 * Finds the events whose change of a resource was changed again before it was sent: another version than theirs is served, and whether theirs
 * would have been taken is not known.
 *
 * @param version what was sent
 */
export function superseded(
  { tenant, entries, versionIn }: Pick<Refused, 'tenant' | 'entries' | 'versionIn'>,
  version: string,
): Rejection[] {
  const own = entries.filter((entry) => entry.tenant === tenant);
  const last = own.at(-1);
  const now = last?.step?.after;
  if (!last || !now) return [];
  return own.flatMap(({ revision, step }): Rejection[] => {
    const [again] = step ? changedAgain(step, now) : [];
    if (again === undefined || !step?.after) return [];
    if (!touches(step, versionIn) || attempt(versionIn, step.after) === version) return [];
    const message = `changed again by revision ${last.revision} before it was sent to the proxy`;
    return [{ tenant, revision, resource: again, path: '', message, superseded: true }];
  });
}

/** What an event changed that is another by now. */
function changedAgain({ before, after }: Step, now: Configuration): string[] {
  if (!before || !after || after === now) return [];
  return [...changes(before, after)]
    .filter(({ kind, name }) => after.get(kind, name) !== now.get(kind, name))
    .filter(({ kind, name }) => !isDeepStrictEqual(after.get(kind, name), now.get(kind, name)))
    .map(nameOf);
}

const isHeld = (step: Step | undefined, { held, versionIn }: Refused): boolean =>
  held !== undefined && step?.after !== undefined && attempt(versionIn, step.after) === held;

/** Whether the event changed the content. What cannot be built differs from what can. */
function touches(step: Step | undefined, versionIn: VersionIn): boolean {
  if (!step) return false;
  if (!step.before || !step.after) return true;
  return attempt(versionIn, step.before) !== attempt(versionIn, step.after);
}

/** Those changes of an event without which the content would be another one, as `routes/app`. */
function responsible({ before, after }: Step, versionIn: VersionIn): string[] {
  if (!before || !after) return [];
  const version = attempt(versionIn, after);
  return [...changes(before, after)]
    .filter(({ kind, name }) => attempt(versionIn, revert(before, after, kind, name)) !== version)
    .map(nameOf);
}

/** Everything that an event changed, as `routes/app`. */
function changed(step: Step | undefined): string[] {
  return step?.before && step.after ? [...changes(step.before, step.after)].map(nameOf) : [];
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
function attempt(versionIn: VersionIn, configuration: Configuration): string {
  try {
    return versionIn(configuration) ?? '';
  } catch {
    return 'it cannot be built';
  }
}
