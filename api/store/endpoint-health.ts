import { and, asc, eq, notInArray, sql } from 'drizzle-orm';
import type { EndpointState } from '../../wire/endpoint-health.ts';
import { $, all, type Kit, parameters, prepare } from './query.ts';

/** The health of the endpoints of an upstream, or of one of its subsets, on one node. */
interface ClusterHealth {
  tenant: string;
  upstream: string;
  /** Empty for the whole upstream. */
  subset: string;
  /** Empty when the node no longer uses the upstream. */
  endpoints: EndpointState[];
}

/** A stored {@link ClusterHealth}, with the node. */
interface NodeHealth extends ClusterHealth {
  fleet: string;
  node: string;
  connected: boolean;
  lastSeenAt: number;
}

/** The health of endpoints on the nodes of all fleets, as agents report it. */
export interface EndpointHealth {
  /**
   * Stores what changed on a node.
   *
   * @param report.isWhole whether the node has no other clusters than these; what was stored before is then deleted
   */
  save(report: {
    fleet: string;
    node: string;
    isWhole: boolean;
    clusters: readonly ClusterHealth[];
    at: number;
  }): Promise<void>;
  /** Reads the health of an upstream and its subsets, by fleet, node and subset. */
  of(tenant: string, upstream: string, limit: number): Promise<NodeHealth[]>;
}

export function endpointHealth(kit: Kit): EndpointHealth {
  const { db, t, driver } = kit;
  const h = t.endpointHealth;
  const ofFleet = eq(h.fleet, $('fleet'));
  const ofNode = and(ofFleet, eq(h.node, $('node')));
  const one = and(ofNode, eq(h.tenant, $('tenant')), eq(h.upstream, $('upstream')), eq(h.subset, $('subset')));
  const nodes = db
    .select({ name: t.node.name })
    .from(t.node)
    .where(eq(t.node.fleet, $('fleet')));
  const q = {
    clear: prepare(db.delete(h).where(ofNode)),
    // Nodes that report no more are forgotten after a while.
    forget: prepare(db.delete(h).where(and(ofFleet, notInArray(h.node, nodes)))),
    remove: prepare(db.delete(h).where(one)),
    put: prepare(
      db
        .insert(h)
        .values(parameters('fleet', 'node', 'tenant', 'upstream', 'subset', 'endpoints', 'reportedAt'))
        .onConflictDoUpdate({
          target: [h.fleet, h.node, h.tenant, h.upstream, h.subset],
          set: { endpoints: sql`excluded.endpoints`, reportedAt: sql`excluded.reported_at` },
        }),
    ),
    of: prepare(
      db
        .select({
          fleet: h.fleet,
          node: h.node,
          tenant: h.tenant,
          upstream: h.upstream,
          subset: h.subset,
          endpoints: h.endpoints,
          connected: t.node.connected,
          lastSeenAt: t.node.lastSeenAt,
        })
        .from(h)
        .innerJoin(t.node, and(eq(t.node.fleet, h.fleet), eq(t.node.name, h.node)))
        .where(and(eq(h.tenant, $('tenant')), eq(h.upstream, $('upstream'))))
        .orderBy(asc(h.fleet), asc(h.node), asc(h.subset))
        .limit($('limit')),
    ),
  };
  return {
    async save({ fleet, node, isWhole, clusters, at }) {
      const statements = [
        ...(isWhole ? [q.clear.with({ fleet, node }), q.forget.with({ fleet })] : []),
        ...clusters.map(({ tenant, upstream, subset, endpoints }) => {
          const key = { fleet, node, tenant, upstream, subset };
          return endpoints.length === 0
            ? q.remove.with(key)
            : q.put.with({ ...key, endpoints: JSON.stringify(endpoints), reportedAt: at });
        }),
      ];
      if (statements.length > 0) await driver.batch(statements);
    },
    async of(tenant, upstream, limit) {
      const rows = await all(kit, q.of, { tenant, upstream, limit });
      return rows.map((row) => ({ ...row, connected: row.connected === 1, endpoints: JSON.parse(row.endpoints) }));
    },
  };
}
