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
 * The part of a tenant's change that one fleet may see, according to the delivery of each kind. Pure.
 *
 * A resource that selects fleets, but not this one, becomes a delete. A resource whose delivery is `referenced` is
 * sent, with its secrets, only while a resource of this fleet refers to it. This includes a resource that did not
 * change, but to which a changed resource now refers.
 *
 * @param change the changed resources; for a tenant's first event, all of them
 * @param whole every resource at the revision that the change leads to; only read when `needsWhole` returns true
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

/** Whether the fleet's part of a change depends on resources that the change does not contain. */
export const needsWhole = (changed: readonly { kind: Kind }[]): boolean =>
  changed.some(({ kind }) => deliveryOf(kind) !== 'always');

/** Whether the fleet receives the resource even if no other resource refers to it. */
const isFor = (fleet: Fleet, tenant: string, resource: StoredResource): boolean =>
  !isSelected(resource) || serves(fleet, tenant, resource.spec);

/** The names of the tenant's resources to which these resources refer. */
const namesIn = (resources: readonly StoredResource[]): Set<string> =>
  new Set(
    resources.flatMap(({ kind, spec }) =>
      refersTo(kind, spec).flatMap((each) => (each.tenant === undefined ? [resourceName(each.kind, each.name)] : [])),
    ),
  );

/** Whether the fleet serves any of these resources. */
export const servedBy = (fleet: Fleet, tenant: string, whole: readonly StoredResource[]): boolean =>
  whole.some((resource) => isSelected(resource) && serves(fleet, tenant, resource.spec));

/** One or more consecutive feed rows of one tenant, merged. */
export interface Step {
  tenant: string;
  /** The reader's cursor after this step. */
  seq: number;
  base: number;
  revision: number;
  leaves: boolean;
  committedAt: number;
}

/**
 * Merges feed rows into steps: one step per tenant, in the order in which the tenants first appear.
 *
 * The `seq` of a step is one less than the number of the next step's first row. A reader that stops after a step and
 * resumes at its `seq` therefore misses no row. It may receive a row again, because a step also contains later rows of
 * its tenant. The agent ignores these, because it already has their revision.
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
