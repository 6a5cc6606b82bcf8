import { and, asc, desc, eq, gt, isNull, lt, sql } from 'drizzle-orm';
import type { StandingRejectionView } from '../status/rejection-schema.ts';
import type { Stored } from '../view.ts';
import type { Statement } from './driver.ts';
import { parts } from './parts.ts';
import { $, all, type Kit, prepare } from './query.ts';

/** The rejection of a resource of a revision by a node. `at` is the time of the first report. */
export interface NodeRejection extends Stored<StandingRejectionView> {
  tenant: string;
  /** Whether the rejection has ended. */
  over?: boolean | undefined;
  /**
   * True when Envoy did not reject anything: a later revision overwrote the change before the agent sent it to the
   * node.
   */
  superseded?: boolean | undefined;
}

/** The largest number of rejections in a list. A rejection may have 8 KB of text. */
const LISTED = 1000;

/** The rejections of tenants' revisions by nodes. */
export interface Rejections {
  /** Lists the rejections of a revision, at most {@link LISTED}. */
  list(tenant: string, revision: number): Promise<NodeRejection[]>;
  /**
   * Lists the fleets with a connected node that rejected something of a revision. Connected nodes have reported after
   * `since`. `superseded`: no Envoy rejected anything.
   */
  fleetsOf(tenant: string, revision: number, since: number): Promise<{ fleet: string; superseded: boolean }[]>;
  /**
   * Lists the current rejections by connected nodes that concern revisions before this one, at most {@link LISTED}. The
   * latest revisions come last.
   */
  listStanding(tenant: string, before: number): Promise<NodeRejection[]>;
}

function statements({ db, t }: Kit) {
  const { tenant, revision, fleet, node, resource, path, message, at } = t.rejection;
  const columns = { tenant, revision, fleet, node, resource, path, message, at, superseded: t.rejection.superseded };
  const order = [asc(revision), asc(fleet), asc(node), asc(resource), asc(path)];
  // Nobody waits for a node that is drained.
  const isOfNode = and(
    ...[eq(t.node.fleet, fleet), eq(t.node.name, node), eq(t.node.connected, 1), isNull(t.node.drainedAt)],
  );
  const isStanding = and(isOfNode, eq(t.node.lastSeenAt, t.rejection.seenAt));
  return {
    of: prepare(
      db
        .select(columns)
        .from(t.rejection)
        .where(and(eq(tenant, $('tenant')), eq(revision, $('revision'))))
        .orderBy(...order)
        .limit(LISTED),
    ),
    fleets: prepare(
      db
        .select({ fleet, superseded: sql<number>`min(${t.rejection.superseded})` })
        .from(t.rejection)
        .innerJoin(t.node, and(isOfNode, gt(t.node.lastSeenAt, $('since'))))
        .where(and(eq(tenant, $('tenant')), eq(revision, $('revision'))))
        .groupBy(fleet),
    ),
    standing: prepare(
      db
        .select(columns)
        .from(t.rejection)
        .innerJoin(t.node, isStanding)
        .where(and(eq(tenant, $('tenant')), lt(revision, $('before'))))
        .orderBy(desc(revision), desc(fleet), desc(node), desc(resource), desc(path))
        .limit(LISTED),
    ),
  };
}

const read = ({ superseded, ...row }: Omit<NodeRejection, 'superseded'> & { superseded: number }): NodeRejection => ({
  ...row,
  ...(superseded === 1 && { superseded: true }),
});

const COLUMNS = [
  ...(['tenant', 'revision', 'fleet', 'node', 'resource', 'path', 'message'] as const),
  ...(['at', 'seenAt', 'superseded'] as const),
];

/** The size of the rejections that one statement stores, in characters of JSON. Other requests run between two. */
const SLICE = 60_000;

/** Makes the statements that store rejections by nodes. */
export function saving({ db, t, x }: Kit): (rejections: readonly NodeRejection[]) => Statement[] {
  const { tenant, revision, fleet, node, resource, path } = t.rejection;
  const key = [tenant, revision, fleet, node, resource, path];
  const int = (column: (typeof COLUMNS)[number]) => sql.raw(`cast(records."${column}" as bigint)`);
  const insert = prepare(
    db
      .insert(t.rejection)
      .select(
        // SQLite needs a condition here, to tell the conflict clause from the condition of a join.
        sql`select records.tenant, ${int('revision')}, records.fleet, records.node, records.resource, records.path,
          records.message, ${int('at')}, ${int('seenAt')}, ${int('superseded')}
          from ${x.records($('records'), COLUMNS)} where true`,
      )
      // An update does not change `at`, the time of the first report.
      .onConflictDoUpdate({
        target: key,
        set: { message: sql`excluded.message`, seenAt: sql`excluded.seen_at`, superseded: sql`excluded.superseded` },
      }),
  );
  return (rejections) => {
    const rows = rejections.map(({ over, superseded = false, ...rest }) => ({
      ...rest,
      resource: rest.resource.toWellFormed(),
      path: rest.path.toWellFormed(),
      message: rest.message.toWellFormed(),
      seenAt: over ? 0 : rest.at,
      superseded: Number(superseded),
    }));
    // A statement can store a row only once. The last report counts.
    const keyOf = ({
      tenant: owner,
      revision: number,
      fleet: of,
      node: by,
      resource: what,
      path: where,
    }: NodeRejection) => JSON.stringify([owner, number, of, by, what, where]);
    const last = new Map(rows.map((row) => [keyOf({ ...row, superseded: false }), row]));
    return parts([...last.values()], SLICE).map((records) => insert.with({ records }));
  };
}

export function rejections(kit: Kit): Rejections {
  const q = statements(kit);
  return {
    list: async (tenant, revision) => (await all(kit, q.of, { tenant, revision })).map(read),
    fleetsOf: async (tenant, revision, since) =>
      (await all(kit, q.fleets, { tenant, revision, since })).map((row) => ({
        ...row,
        superseded: row.superseded === 1,
      })),
    listStanding: async (tenant, before) => (await all(kit, q.standing, { tenant, before })).map(read).reverse(),
  };
}
