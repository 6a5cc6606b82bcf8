import { and, asc, eq, lt, sql } from 'drizzle-orm';
import type { StandingRejectionView } from '../status/rejection-schema.ts';
import type { Stored } from '../view.ts';
import type { Statement } from './driver.ts';
import { $, all, type Kit, parameters, prepare } from './query.ts';

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

/** The rejections of tenants' revisions by nodes. */
export interface Rejections {
  list(tenant: string, revision: number): Promise<NodeRejection[]>;
  /** Lists the current rejections by connected nodes that concern revisions before this one. */
  listStanding(tenant: string, before: number): Promise<NodeRejection[]>;
}

function statements({ db, t }: Kit) {
  const { tenant, revision, fleet, node, resource, path, message, at } = t.rejection;
  const columns = { tenant, revision, fleet, node, resource, path, message, at, superseded: t.rejection.superseded };
  const order = [asc(revision), asc(fleet), asc(node), asc(resource), asc(path)];
  const isStanding = and(
    eq(t.node.fleet, fleet),
    eq(t.node.name, node),
    eq(t.node.lastSeenAt, t.rejection.seenAt),
    eq(t.node.connected, 1),
  );
  return {
    of: prepare(
      db
        .select(columns)
        .from(t.rejection)
        .where(and(eq(tenant, $('tenant')), eq(revision, $('revision'))))
        .orderBy(...order),
    ),
    standing: prepare(
      db
        .select(columns)
        .from(t.rejection)
        .innerJoin(t.node, isStanding)
        .where(and(eq(tenant, $('tenant')), lt(revision, $('before'))))
        .orderBy(...order),
    ),
  };
}

const read = ({ superseded, ...row }: Omit<NodeRejection, 'superseded'> & { superseded: number }): NodeRejection => ({
  ...row,
  ...(superseded === 1 && { superseded: true }),
});

/** Makes the statement that stores a rejection by a node. */
export function rejection({ db, t }: Kit): (rejection: NodeRejection) => Statement {
  const { tenant, revision, fleet, node, resource, path } = t.rejection;
  const insert = prepare(
    db
      .insert(t.rejection)
      .values(
        parameters('tenant', 'revision', 'fleet', 'node', 'resource', 'path', 'message', 'at', 'seenAt', 'superseded'),
      )
      // An update does not change `at`, the time of the first report.
      .onConflictDoUpdate({
        target: [tenant, revision, fleet, node, resource, path],
        set: { message: sql`excluded.message`, seenAt: sql`excluded.seen_at`, superseded: sql`excluded.superseded` },
      }),
  );
  return ({ over, superseded = false, ...rest }) =>
    insert.with({ ...rest, seenAt: over ? 0 : rest.at, superseded: Number(superseded) });
}

export function rejections(kit: Kit): Rejections {
  const q = statements(kit);
  return {
    list: async (tenant, revision) => (await all(kit, q.of, { tenant, revision })).map(read),
    listStanding: async (tenant, before) => (await all(kit, q.standing, { tenant, before })).map(read),
  };
}
