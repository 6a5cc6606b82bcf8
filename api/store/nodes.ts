import { and, asc, eq, sql } from 'drizzle-orm';
import type { Store } from './port.ts';
import { $, all, type Kit, parameters, prepare } from './query.ts';

type Nodes = Pick<Store, 'saveNodes' | 'nodes' | 'rejections'>;

function statements({ db, t }: Kit) {
  return {
    save: prepare(
      db
        .insert(t.node)
        .values(
          parameters(
            'fleet',
            'name',
            'agent',
            'version',
            'connected',
            'acked',
            'live',
            'lastSeenAt',
            'listenerRejections',
          ),
        )
        .onConflictDoUpdate({
          target: [t.node.fleet, t.node.name],
          set: {
            agent: sql`excluded.agent`,
            version: sql`excluded.version`,
            connected: sql`excluded.connected`,
            acked: sql`excluded.acked`,
            live: sql`excluded.live`,
            lastSeenAt: sql`excluded.last_seen_at`,
            listenerRejections: sql`excluded.listener_rejections`,
          },
          // A node may have moved to another agent before its former one reports that it left.
          setWhere: sql`excluded.connected = 1 or ${t.node.agent} = excluded.agent`,
        }),
    ),
    reject: prepare(
      db
        .insert(t.rejection)
        .values(parameters('tenant', 'revision', 'fleet', 'node', 'resource', 'path', 'message', 'at'))
        // The first time it was refused is the one that tells.
        .onConflictDoUpdate({
          target: [
            t.rejection.tenant,
            t.rejection.revision,
            t.rejection.fleet,
            t.rejection.node,
            t.rejection.resource,
            t.rejection.path,
          ],
          set: { message: sql`excluded.message` },
        }),
    ),
    nodes: prepare(
      db
        .select()
        .from(t.node)
        .where(eq(t.node.fleet, $('fleet')))
        .orderBy(asc(t.node.name)),
    ),
    rejections: prepare(
      db
        .select()
        .from(t.rejection)
        .where(and(eq(t.rejection.tenant, $('tenant')), eq(t.rejection.revision, $('revision'))))
        .orderBy(asc(t.rejection.fleet), asc(t.rejection.node), asc(t.rejection.resource), asc(t.rejection.path)),
    ),
  };
}

export function nodes(kit: Kit): Nodes {
  const q = statements(kit);
  return {
    async saveNodes(states, rejections) {
      if (states.length + rejections.length === 0) return;
      const statements = [
        ...states.map((node) =>
          q.save.with({
            ...node,
            connected: Number(node.connected),
            listenerRejections: JSON.stringify(node.listenerRejections),
          }),
        ),
        ...rejections.map((rejection) => q.reject.with({ ...rejection })),
      ];
      // Agents tell it again every few seconds.
      await (kit.driver.note?.(statements) ?? kit.driver.batch(statements));
    },

    async nodes(fleet) {
      const rows = await all(kit, q.nodes, { fleet });
      return rows.map((row) => ({
        ...row,
        connected: row.connected === 1,
        listenerRejections: JSON.parse(row.listenerRejections),
      }));
    },

    rejections: (tenant, revision) => all(kit, q.rejections, { tenant, revision }),
  };
}
