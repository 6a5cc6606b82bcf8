import { and, asc, between, desc, eq, lt, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import type { NodeRejection, Store } from './port.ts';
import { $, all, type Kit, parameters, prepare } from './query.ts';

type Rejections = Pick<Store, 'rejections' | 'standingRejections' | 'changedIn'>;

function statements({ db, t }: Kit) {
  const { tenant, revision, fleet, node, resource, path, message, at } = t.rejection;
  const columns = { tenant, revision, fleet, node, resource, path, message, at };
  const order = [asc(revision), asc(fleet), asc(node), asc(resource), asc(path)];
  const version = t.resourceVersion;
  const isStanding = and(
    eq(t.node.fleet, fleet),
    eq(t.node.name, node),
    eq(t.node.lastSeenAt, t.rejection.seenAt),
    eq(t.node.connected, 1),
  );
  const changed = (...more: Parameters<typeof and>) =>
    prepare(
      db
        .selectDistinct({ revision: version.fromRevision })
        .from(version)
        .where(
          and(
            eq(version.tenant, $('tenant')),
            eq(version.kind, $('kind')),
            between(version.fromRevision, $('from'), $('to')),
            ...more,
          ),
        )
        .orderBy(desc(version.fromRevision))
        .limit($('limit')),
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
    changed: changed(),
    changedNamed: changed(eq(version.name, $('name'))),
  };
}

/** The statement that notes what a node rejects. */
export function rejection({ db, t }: Kit): (rejection: NodeRejection) => Statement {
  const { tenant, revision, fleet, node, resource, path } = t.rejection;
  const insert = prepare(
    db
      .insert(t.rejection)
      .values(parameters('tenant', 'revision', 'fleet', 'node', 'resource', 'path', 'message', 'at', 'seenAt'))
      // The first time it was refused is the one that tells.
      .onConflictDoUpdate({
        target: [tenant, revision, fleet, node, resource, path],
        set: { message: sql`excluded.message`, seenAt: sql`excluded.seen_at` },
      }),
  );
  return ({ over, ...rest }) => insert.with({ ...rest, seenAt: over ? 0 : rest.at });
}

export function rejections(kit: Kit): Rejections {
  const q = statements(kit);
  return {
    rejections: (tenant, revision) => all(kit, q.of, { tenant, revision }),
    standingRejections: (tenant, before) => all(kit, q.standing, { tenant, before }),
    async changedIn(tenant, { kind, name }, range) {
      const query = name === undefined ? q.changed : q.changedNamed;
      const rows = await all(kit, query, { tenant, kind, ...(name !== undefined && { name }), ...range });
      return rows.map(({ revision }) => revision);
    },
  };
}
