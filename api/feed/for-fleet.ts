import type { Kind } from '../../model/kinds/index.ts';
import type { FeedDelete } from '../../wire/feed.ts';
import { credentialsOf, serves } from '../fleets/serving.ts';
import type { StoredResource } from '../store/configuration.ts';
import type { Fleet } from '../store/fleets.ts';

export interface Change {
  puts: StoredResource[];
  deletes: { kind: Kind; name: string }[];
}

/**
 * What one fleet may know of a tenant's change. Pure.
 *
 * A gateway that does not select the fleet becomes a delete; a certificate is sent only while a gateway of this fleet refers to it
 * (its key goes with it), which includes one that did not change itself but that a changed gateway refers to now.
 *
 * @param change what moved; for a tenant's first event, everything
 * @param whole every resource at the revision the change leads to; only read when gateways or certificates moved
 */
export function forFleet(fleet: Fleet, tenant: string, change: Change, whole: readonly StoredResource[]): Change {
  const puts: StoredResource[] = [];
  const deletes: FeedDelete[] = change.deletes.filter(({ kind }) => kind !== 'certificate');
  const gone = new Set(change.deletes.filter(({ kind }) => kind === 'certificate').map(({ name }) => name));
  const changed = new Set<string>();
  for (const resource of change.puts) {
    if (resource.kind === 'gateway' && !serves(fleet, tenant, resource.spec))
      deletes.push({ kind: 'gateway', name: resource.name });
    else if (resource.kind === 'certificate') changed.add(resource.name);
    else puts.push(resource);
  }
  const gatewaysMoved =
    change.puts.some(({ kind }) => kind === 'gateway') || change.deletes.some(({ kind }) => kind === 'gateway');
  if (gatewaysMoved || changed.size > 0) {
    const mine = whole.filter(
      (resource): resource is StoredResource<'gateway'> =>
        resource.kind === 'gateway' && serves(fleet, tenant, resource.spec),
    );
    const referred = new Set(mine.flatMap(({ spec }) => credentialsOf(spec)));
    const moved = new Set(
      change.puts
        .filter((resource): resource is StoredResource<'gateway'> => resource.kind === 'gateway')
        .flatMap(({ spec }) => credentialsOf(spec)),
    );
    for (const resource of whole) {
      if (resource.kind !== 'certificate') continue;
      if (!referred.has(resource.name)) gone.add(resource.name);
      else if (changed.has(resource.name) || moved.has(resource.name)) puts.push(resource);
    }
  }
  return { puts, deletes: [...deletes, ...[...gone].map((name) => ({ kind: 'certificate' as const, name }))] };
}

/** Whether the fleet has anything to do with these resources at all. */
export function servedBy(fleet: Fleet, tenant: string, whole: readonly StoredResource[]): boolean {
  return whole.some((resource) => resource.kind === 'gateway' && serves(fleet, tenant, resource.spec));
}

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
