import { deliveryOf, isSelected, type Kind, kindIds, kindsReferringTo, refersTo } from '../../model/kinds/index.ts';
import { resourceName } from '../../model/violations.ts';
import type { FeedDelete } from '../../wire/feed.ts';
import { serves } from '../serving/serving.ts';
import type { StoredResource } from '../store/configuration.ts';
import type { Fleet } from '../store/fleets.ts';

export interface Change {
  puts: StoredResource[];
  deletes: { kind: Kind; name: string }[];
}

/**
 * What one fleet may know of a tenant's change, by the delivery of each kind. Pure.
 *
 * A resource that selects fleets but not this one becomes a delete. A resource that is delivered to those who refer to it
 * is sent only while a resource of this fleet refers to it, which includes one that did not change itself but that a
 * changed resource refers to now: its secrets go with it.
 *
 * @param change what moved; for a tenant's first event, everything
 * @param whole every resource at the revision the change leads to; only read when `needsWhole` says so
 */
export function forFleet(fleet: Fleet, tenant: string, change: Change, whole: readonly StoredResource[]): Change {
  const puts: StoredResource[] = [];
  const deletes: FeedDelete[] = [];
  const gone = new Map<string, FeedDelete>();
  const changed = new Set<string>();
  for (const each of change.deletes) {
    if (deliveryOf(each.kind) === 'referenced') gone.set(resourceName(each.kind, each.name), each);
    else deletes.push(each);
  }
  for (const resource of change.puts) {
    const { kind, name } = resource;
    if (deliveryOf(kind) === 'referenced') changed.add(resourceName(kind, name));
    else if (isFor(fleet, tenant, resource)) puts.push(resource);
    else deletes.push({ kind, name });
  }
  const holders = kindsReferringTo(referenced);
  const isHolder = ({ kind }: { kind: Kind }) => holders.includes(kind);
  if (changed.size > 0 || change.puts.some(isHolder) || change.deletes.some(isHolder)) {
    const mine = whole.filter((resource) => isHolder(resource) && isFor(fleet, tenant, resource));
    const wanted = namesIn(mine);
    const moved = namesIn(change.puts.filter(isHolder));
    for (const resource of whole) {
      const { kind, name } = resource;
      if (deliveryOf(kind) !== 'referenced') continue;
      const key = resourceName(kind, name);
      if (!wanted.has(key)) gone.set(key, { kind, name });
      else if (changed.has(key) || moved.has(key)) puts.push(resource);
    }
  }
  return { puts, deletes: [...deletes, ...gone.values()] };
}

const referenced = kindIds.filter((kind) => deliveryOf(kind) === 'referenced');

/** Whether what a fleet may know of a change depends on resources that the change leaves as they are. */
export const needsWhole = (changed: readonly { kind: Kind }[]): boolean =>
  changed.some(({ kind }) => deliveryOf(kind) !== 'always');

/** Whether the fleet receives a resource for its own sake. */
const isFor = (fleet: Fleet, tenant: string, resource: StoredResource): boolean =>
  !isSelected(resource) || serves(fleet, tenant, resource.spec);

/** What these resources of the tenant refer to, of its own. */
const namesIn = (resources: readonly StoredResource[]): Set<string> =>
  new Set(
    resources.flatMap(({ kind, spec }) =>
      refersTo(kind, spec).flatMap((each) => (each.tenant === undefined ? [resourceName(each.kind, each.name)] : [])),
    ),
  );

/** Whether the fleet has anything to do with these resources at all. */
export const servedBy = (fleet: Fleet, tenant: string, whole: readonly StoredResource[]): boolean =>
  whole.some((resource) => isSelected(resource) && serves(fleet, tenant, resource.spec));

/** Several rows of one tenant, in order, as the one step they amount to. */
export interface Step {
  tenant: string;
  /** Cursor once this step is taken. */
  seq: number;
  base: number;
  revision: number;
  leaves: boolean;
  committedAt: number;
}

/**
 * Rows → steps, one a tenant, in the order tenants first appear.
 *
 * A step's `seq` is one less than the next step's first row: whoever stops after it and resumes there is told every row it has not seen,
 * and perhaps again some it has (a step holds later rows of its tenant too); those have a revision it already holds.
 */
export function coalesce(
  rows: readonly { seq: number; tenant: string; revision: number; base: number; leaves: boolean; createdAt: number }[],
): Step[] {
  const steps = new Map<string, Step & { first: number }>();
  for (const row of rows) {
    const step = steps.get(row.tenant);
    if (!step) steps.set(row.tenant, { ...row, first: row.seq, committedAt: row.createdAt });
    else {
      step.base = row.leaves || row.base === 0 || step.leaves ? 0 : Math.min(step.base, row.base);
      step.revision = row.revision;
      step.leaves = row.leaves;
      step.committedAt = row.createdAt;
    }
  }
  const list = [...steps.values()];
  const end = rows.at(-1)?.seq ?? 0;
  return list.map(({ tenant, base, revision, leaves, committedAt }, index) => ({
    tenant,
    base,
    revision,
    leaves,
    committedAt,
    seq: index + 1 < list.length ? list[index + 1]!.first - 1 : end,
  }));
}
