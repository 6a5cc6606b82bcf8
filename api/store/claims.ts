import { and, eq, inArray, ne, or, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { atOrAbove, overlap, prefixBelow, reversed } from './hosts.ts';
import { parts } from './parts.ts';
import type { Commit } from './port.ts';
import { $, $text, all, guard, type Held, type Kit, prepare } from './query.ts';

export interface Claims {
  /** Releases, takes, and fails the batch (guard `host`) when another tenant holds something that overlaps what was taken. */
  statements(move: Pick<Commit, 'tenant' | 'claims'>): Statement[];
  /** Which of these another tenant's claims overlap right now. */
  taken(tenant: string, hosts: readonly string[]): Promise<string[]>;
}

function statements(kit: Kit) {
  const { db, t, x } = kit;
  const others = ne(t.hostClaim.tenant, $('tenant'));
  const item = sql.raw('item');
  const points = inArray(t.hostClaim.host, sql`(select ${item} from ${x.items($('points'))})`);
  // `~` sorts after every character of a host, so this is the range of what begins with the prefix.
  const ranges = sql`exists (select 1 from ${x.items($('prefixes'))} where ${t.hostClaim.reversed} >= ${item} and ${t.hostClaim.reversed} < ${item} || '~')`;
  // The list drives, so that each of its ranges is one walk of the index.
  const anyRange = sql`exists (select 1 from ${x.items($('prefixes'))} cross join ${t.hostClaim} where ${t.hostClaim.reversed} >= ${item} and ${t.hostClaim.reversed} < ${item} || '~' and ${others})`;

  return {
    take: prepare(
      db
        .insert(t.hostClaim)
        .select(
          sql`select records.host, ${$text('tenant')}, records.reversed from ${x.records($('records'), ['host', 'reversed'])} where true`,
        )
        .onConflictDoNothing(),
    ),
    release: prepare(
      db
        .delete(t.hostClaim)
        .where(
          and(
            eq(t.hostClaim.tenant, $('tenant')),
            inArray(t.hostClaim.host, sql`(select ${item} from ${x.items($('hosts'))})`),
          ),
        ),
    ),
    noPoint: guard(kit, 'host', sql`not exists (select 1 from ${t.hostClaim} where ${and(others, points)})`),
    noRange: guard(kit, 'host', sql`not ${anyRange}`),
    clashing: prepare(
      db
        .select({ host: t.hostClaim.host })
        .from(t.hostClaim)
        .where(and(others, or(points, ranges))),
    ),
  };
}

/**
 * What to hold while claims are made, so that of two that overlap the second sees the first: the zone of each host (its last two labels) and a
 * share of all that is above it, where a wildcard would cover it.
 */
export function claimLocks(hosts: readonly string[]): Held {
  const lock = (labels: readonly string[]) => `host/${labels.join('.')}`;
  const zones = new Map(
    hosts.map((host) => {
      const labels = host.split('.').filter((label) => label !== '*');
      const zone = labels.slice(-2);
      return [lock(zone), zone] as const;
    }),
  );
  const above = [...zones.values()].flatMap((zone) => zone.map((_, i) => lock(zone.slice(i + 1))));
  return { alone: [...zones.keys()], shared: above };
}

export function claims(kit: Kit): Claims {
  const q = statements(kit);
  const lists = (hosts: readonly string[]) => ({
    points: JSON.stringify([...new Set(hosts.flatMap(atOrAbove))]),
    prefixes: JSON.stringify(hosts.map(prefixBelow).filter((prefix) => prefix !== undefined)),
  });

  return {
    statements({ tenant, claims: { add, remove } }) {
      const released = remove.length > 0 ? [q.release.with({ tenant, hosts: JSON.stringify(remove) })] : [];
      if (add.length === 0) return released;
      const { points, prefixes } = lists(add);
      return [
        ...released,
        ...parts(add.map((host) => ({ host, reversed: reversed(host) }))).map((records) =>
          q.take.with({ tenant, records }),
        ),
        // After the inserts: a claim that was there first has made one of them do nothing, and is seen here.
        q.noPoint.with({ tenant, points }),
        ...(prefixes === '[]' ? [] : [q.noRange.with({ tenant, prefixes })]),
      ];
    },

    async taken(tenant, hosts) {
      const held = await all(kit, q.clashing, { tenant, ...lists(hosts) });
      return hosts.filter((host) => held.some((claim) => overlap(host, claim.host)));
    },
  };
}
