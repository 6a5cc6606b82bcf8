import { isInMesh, servesMesh } from '../../model/binding/mesh.ts';
import { deliveryOf, isHolderKind, isSelected, type Kind, refersTo } from '../../model/kinds/index.ts';
import { resourceName } from '../../model/violations.ts';
import type { FeedDelete } from '../../wire/feed.ts';
import { serves } from '../serving/serving.ts';
import type { StoredResource } from '../store/configuration.ts';
import type { FeedRow } from '../store/feed.ts';
import type { Fleet } from '../store/fleets.ts';

/** The resources of one tenant that a revision, or several, wrote (`puts`) and deleted (`deletes`). */
export interface ChangedResources {
  puts: StoredResource[];
  deletes: { kind: Kind; name: string }[];
}

/**
 * Returns the part of a tenant's change that one fleet may see. The delivery of each kind decides this: `always`,
 * `selected` or `referenced`. The function reads only its parameters.
 *
 * A gateway that does not select the fleet becomes a delete. A resource whose delivery is `referenced`, such as a
 * certificate, is part of the result only while a gateway of this fleet refers to it. The result therefore also
 * contains unchanged resources to which a changed gateway refers.
 *
 * @param fleet the fleet that gets the change
 * @param tenant the tenant that owns the resources
 * @param change the changed resources; for the first event of a tenant, all its resources
 * @param all all resources of the tenant at the later revision; it may be empty when `needsAllResources` returns
 *   false
 */
export function forFleet(
  fleet: Fleet,
  tenant: string,
  change: ChangedResources,
  all: readonly StoredResource[],
): ChangedResources {
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
  const isHolder = ({ kind }: { kind: Kind }) => isHolderKind(kind);
  if (changed.size > 0 || change.puts.some(isHolder) || change.deletes.some(isHolder)) {
    const mine = all.filter((resource) => isHolder(resource) && isFor(fleet, tenant, resource));
    const wanted = namesIn(mine);
    const moved = namesIn(change.puts.filter(isHolder));
    for (const resource of all) {
      const { kind, name } = resource;
      if (deliveryOf(kind) !== 'referenced') continue;
      const key = resourceName(kind, name);
      if (!wanted.has(key)) gone.set(key, { kind, name });
      else if (changed.has(key) || moved.has(key)) puts.push(resource);
    }
  }
  return { puts, deletes: [...deletes, ...gone.values()] };
}

/**
 * Whether {@link forFleet} needs all resources of the tenant, and not only the changed ones, to find out what a fleet
 * may see.
 */
export const needsAllResources = (changed: readonly { kind: Kind }[]): boolean =>
  changed.some(({ kind }) => deliveryOf(kind) !== 'always' || isHolderKind(kind));

/**
 * Whether the fleet gets the resource without regard to references: it is of a kind that selects no fleets, or it
 * selects this fleet.
 */
const isFor = (fleet: Fleet, tenant: string, resource: StoredResource): boolean =>
  !isSelected(resource) || serves(fleet, tenant, resource.spec);

/**
 * Returns the names, such as `certificates/web`, of all resources of the same tenant to which these resources refer.
 */
const namesIn = (resources: readonly StoredResource[]): Set<string> =>
  new Set(
    resources.flatMap(({ kind, spec }) =>
      refersTo(kind, spec).flatMap((each) => (each.tenant === undefined ? [resourceName(each.kind, each.name)] : [])),
    ),
  );

/** Whether the fleet serves at least one gateway, or a route of the mesh, among these resources of a tenant. */
export const servedBy = (fleet: Fleet, tenant: string, all: readonly StoredResource[]): boolean =>
  all.some((resource) =>
    resource.kind === 'route'
      ? servesMesh(fleet, tenant) && isInMesh(resource.spec)
      : isSelected(resource) && serves(fleet, tenant, resource.spec),
  );

/** The change that one feed event describes. It merges one or more feed rows of the same tenant. */
export interface Step {
  tenant: string;
  /** The cursor of a reader that has received this step. */
  seq: number;
  /** The revision from which the step leads to `revision`. 0 means that the event contains the whole configuration. */
  base: number;
  revision: number;
  /** Whether the fleet stops serving the tenant at `revision`. */
  leaves: boolean;
  /** The time of the last merged commit, in milliseconds since 1970. */
  committedAt: number;
  /** The upstreams whose registered endpoints may have changed. */
  upstreams: readonly string[];
  /** The names whose automatic certificates may have changed. */
  issued: readonly string[];
  /** Whether the tenant is suspended or deleted. The event then contains its whole configuration, without traffic. */
  isClosed: boolean;
}

/**
 * Merges feed rows into steps. The result has one step per tenant, in the order in which the tenants first appear.
 *
 * The `seq` of a step is one less than the number of the first row of the next step. A reader that stops after a step
 * and resumes at its `seq` therefore misses no row. The reader may receive a row twice, because a step also contains
 * later rows of its tenant. An agent ignores the repeated row, because the agent already has its revision.
 *
 * @param rows consecutive rows of one fleet's feed, in the order of their numbers
 */
export function coalesce(rows: readonly FeedRow[]): Step[] {
  const steps = new Map<string, Step & { first: number }>();
  for (const row of rows) {
    const step = steps.get(row.tenant);
    const { upstreams = [], issued = [], isClosed = false } = row;
    if (!step)
      steps.set(row.tenant, { ...row, upstreams, issued, isClosed, first: row.seq, committedAt: row.createdAt });
    else {
      step.base = row.leaves || row.base === 0 || step.leaves ? 0 : Math.min(step.base, row.base);
      step.revision = row.revision;
      step.leaves = row.leaves;
      step.committedAt = row.createdAt;
      step.isClosed = isClosed;
      if (upstreams.length > 0) step.upstreams = [...new Set([...step.upstreams, ...upstreams])];
      if (issued.length > 0) step.issued = [...new Set([...step.issued, ...issued])];
    }
  }
  const list = [...steps.values()];
  const end = rows.at(-1)?.seq ?? 0;
  return list.map(({ tenant, base, revision, leaves, committedAt, upstreams, issued, isClosed }, index) => ({
    tenant,
    base,
    revision,
    leaves,
    committedAt,
    upstreams,
    issued,
    isClosed,
    seq: index + 1 < list.length ? list[index + 1]!.first - 1 : end,
  }));
}
