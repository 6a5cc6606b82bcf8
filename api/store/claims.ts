import { and, eq, inArray, ne, sql } from 'drizzle-orm';
import { Pace } from '../pace.ts';
import type { Commit } from './commit.ts';
import type { Statement } from './driver.ts';
import { atOrAbove, prefixBelow, prefixesOf, reversed } from './hosts.ts';
import { parts } from './parts.ts';
import { $, $text, all, guard, type Kit, type LockNames, prepare } from './query.ts';

/**
 * The maximum size of JSON per statement, in characters. It is enough for a few hundred hosts. Other requests run only
 * between two statements.
 */
const PIECE = 30_000;

export interface Claims {
  /**
   * Makes the statements that release and make the claims of a commit. They fail the batch (guard `host`) when another
   * tenant has a claim that overlaps a new one.
   */
  statements(move: Pick<Commit, 'tenant' | 'claims'>): Statement[];
  /** Returns the hosts of the list that currently overlap a claim of another tenant. */
  taken(tenant: string, hosts: readonly string[]): Promise<string[]>;
  /** Returns the hosts of the list that the tenant claims now. */
  held(tenant: string, hosts: readonly string[]): Promise<string[]>;
  /** Returns the tenant that has a claim on the host or on a wildcard above it; undefined when none has. */
  holder(host: string): Promise<string | undefined>;
}

function statements(kit: Kit) {
  const { db, t, x } = kit;
  const others = ne(t.hostClaim.tenant, $('tenant'));
  const item = sql.raw('item');
  const points = inArray(t.hostClaim.host, sql`(select ${item} from ${x.items($('points'))})`);
  const own = and(
    eq(t.hostClaim.tenant, $('tenant')),
    inArray(t.hostClaim.host, sql`(select ${item} from ${x.items($('hosts'))})`),
  );
  // `~` sorts after every character of a host, so this is the range of the reversed hosts that begin with the prefix.
  const inRange = sql`${t.hostClaim.reversed} >= ${item} and ${t.hostClaim.reversed} < ${item} || '~' and ${others}`;
  // The list of prefixes comes first in the join, so that the database scans one range of the index per prefix.
  const anyRange = sql`exists (select 1 from ${x.items($('prefixes'))} cross join ${t.hostClaim} where ${inRange})`;

  return {
    take: prepare(
      db
        .insert(t.hostClaim)
        .select(
          sql`select records.host, ${$text('tenant')}, records.reversed from ${x.records($('records'), ['host', 'reversed'])} where true`,
        )
        .onConflictDoNothing(),
    ),
    release: prepare(db.delete(t.hostClaim).where(own)),
    held: prepare(db.select({ host: t.hostClaim.host }).from(t.hostClaim).where(own)),
    holder: prepare(
      db
        .select({ tenant: t.hostClaim.tenant })
        .from(t.hostClaim)
        .where(inArray(t.hostClaim.host, sql`(select ${item} from ${x.items($('hosts'))})`))
        .limit(1),
    ),
    noPoint: guard(kit, 'host', sql`not exists (select 1 from ${t.hostClaim} where ${and(others, points)})`),
    noRange: guard(kit, 'host', sql`not ${anyRange}`),
    takenPoints: prepare(db.select({ host: t.hostClaim.host }).from(t.hostClaim).where(and(others, points))),
    takenRanges: prepare(
      db
        .select({ prefix: sql<string>`${item}` })
        .from(x.items($('prefixes')))
        .where(sql`exists (select 1 from ${t.hostClaim} where ${inRange})`),
    ),
  };
}

/** The maximum number of domains that one batch locks individually. */
const MANY = 500;

/**
 * Returns the locks that a batch needs while it makes claims. With them, the second of two overlapping claims sees the
 * first. The batch locks the domain of each host (its last two labels) exclusively. It also takes a shared lock on
 * every parent of that domain, because a wildcard could contain the parent.
 */
export function claimLocks(hosts: readonly string[]): LockNames {
  const lock = (labels: readonly string[]) => `host/${labels.join('.')}`;
  const zones = new Map(
    hosts.map((host) => {
      const labels = host.split('.').filter((label) => label !== '*');
      const zone = labels.slice(-2);
      return [lock(zone), zone] as const;
    }),
  );
  // A database has room for a few thousand locks. A batch with more domains locks the root, on which every commit that
  // claims hosts has a shared lock.
  if (zones.size > MANY) return { alone: [lock([])] };
  const above = [...zones.values()].flatMap((zone) => zone.map((_, i) => lock(zone.slice(i + 1))));
  return { alone: [...zones.keys()], shared: above };
}

/** The number of hosts that the API compares with the claims of other tenants before it lets other requests run. */
const AT_A_TIME = 500;

export function claims(kit: Kit): Claims {
  const q = statements(kit);
  const lists = (hosts: readonly string[]) => ({
    points: parts([...pointsOf(hosts)], PIECE),
    prefixes: parts(prefixesOf(hosts), PIECE),
  });

  return {
    statements({ tenant, claims: { add, remove } }) {
      const released = parts(remove, PIECE).map((hosts) => q.release.with({ tenant, hosts }));
      if (add.length === 0) return released;
      const { points, prefixes } = lists(add);
      return [
        ...released,
        ...parts(
          add.map((host) => ({ host, reversed: reversed(host) })),
          PIECE,
        ).map((records) => q.take.with({ tenant, records })),
        // The comparisons run after the inserts: if another tenant already had a claim, the insert did nothing, and the
        // comparison finds that claim.
        ...points.map((each) => q.noPoint.with({ tenant, points: each })),
        ...prefixes.map((each) => q.noRange.with({ tenant, prefixes: each })),
      ];
    },

    async held(tenant, hosts) {
      const found: string[] = [];
      for (const each of parts(hosts, PIECE))
        for (const { host } of await all(kit, q.held, { tenant, hosts: each })) found.push(host);
      return found;
    },

    async holder(host) {
      const [found] = await all(kit, q.holder, { hosts: JSON.stringify(atOrAbove(host)) });
      return found?.tenant;
    },

    async taken(tenant, hosts) {
      const found: string[] = [];
      const pace = new Pace(hosts.length);
      for (let at = 0; at < hosts.length; at += AT_A_TIME) {
        if (pace.isDue) await pace.rest();
        const some = hosts.slice(at, at + AT_A_TIME);
        const { points, prefixes } = lists(some);
        const taken = new Set<string>();
        for (const each of points)
          for (const { host } of await all(kit, q.takenPoints, { tenant, points: each })) taken.add(host);
        const over = new Set<string | undefined>();
        for (const each of prefixes)
          for (const { prefix } of await all(kit, q.takenRanges, { tenant, prefixes: each })) over.add(prefix);
        for (const host of some)
          if (over.has(prefixBelow(host)) || (taken.size > 0 && atOrAbove(host).some((each) => taken.has(each))))
            found.push(host);
      }
      return found;
    },
  };
}

function pointsOf(hosts: readonly string[]): Set<string> {
  const points = new Set<string>();
  for (const host of hosts) for (const each of atOrAbove(host)) points.add(each);
  return points;
}
