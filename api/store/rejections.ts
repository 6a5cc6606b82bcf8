import { and, asc, between, desc, eq, lt, lte, sql } from 'drizzle-orm';
import type { Kind } from '../../model/kinds/index.ts';
import type { Statement } from './driver.ts';
import type { NodeRejection, Store } from './port.ts';
import { $, all, type Kit, parameters, prepare } from './query.ts';

type Rejections = Pick<Store, 'rejections' | 'standingRejections' | 'changedIn' | 'changedAgainIn'>;

function statements({ db, t }: Kit) {
  const { tenant, revision, fleet, node, resource, path, message, at } = t.rejection;
  const columns = { tenant, revision, fleet, node, resource, path, message, at, superseded: t.rejection.superseded };
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
    changedAgain: prepare(
      db
        .select({ revision: version.fromRevision, kind: version.kind, name: version.name })
        .from(version)
        .where(
          and(
            eq(version.tenant, $('tenant')),
            between(version.fromRevision, $('from'), $('to')),
            lte(version.toRevision, $('to')),
            // A delete's own row ends where it begins.
            sql`(${version.toRevision} > ${version.fromRevision} or exists (select 1 from ${t.resourceVersion} as later
              where later.tenant = ${version.tenant} and later.kind = ${version.kind} and later.name = ${version.name}
              and later.from_revision > ${version.fromRevision} and later.from_revision <= ${$('to')}))`,
          ),
        )
        .orderBy(asc(version.fromRevision), asc(version.kind), asc(version.name))
        .limit(1000),
    ),
    changedNamed: changed(eq(version.name, $('name'))),
  };
}

const read = ({ superseded, ...row }: Omit<NodeRejection, 'superseded'> & { superseded: number }): NodeRejection => ({
  ...row,
  ...(superseded === 1 && { superseded: true }),
});

/** The statement that notes what a node rejects. */
export function rejection({ db, t }: Kit): (rejection: NodeRejection) => Statement {
  const { tenant, revision, fleet, node, resource, path } = t.rejection;
  const insert = prepare(
    db
      .insert(t.rejection)
      .values(
        parameters('tenant', 'revision', 'fleet', 'node', 'resource', 'path', 'message', 'at', 'seenAt', 'superseded'),
      )
      // The first time it was refused is the one that tells.
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
    rejections: async (tenant, revision) => (await all(kit, q.of, { tenant, revision })).map(read),
    standingRejections: async (tenant, before) => (await all(kit, q.standing, { tenant, before })).map(read),
    async changedAgainIn(tenant, from, to) {
      const rows = await all(kit, q.changedAgain, { tenant, from, to });
      return rows.map(({ kind, ...row }) => ({ ...row, kind: kind as Kind }));
    },
    async changedIn(tenant, { kind, name }, range) {
      const query = name === undefined ? q.changed : q.changedNamed;
      const rows = await all(kit, query, { tenant, kind, ...(name !== undefined && { name }), ...range });
      return rows.map(({ revision }) => revision);
    },
  };
}
