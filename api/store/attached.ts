import { and, asc, eq, gt, inArray, ne, or, type SQL, sql } from 'drizzle-orm';
import type { AttachedHost } from '../../model/binding/shared-gateway.ts';
import { attachedNames } from './attached-names.ts';
import type { Commit } from './commit.ts';
import { dependents } from './dependents.ts';
import type { Statement } from './driver.ts';
import { type OtherHead, otherHeadGuards } from './head-guards.ts';
import { atOrAbove, prefixBelow, reversed } from './hosts.ts';
import { parts } from './parts.ts';
import { $, $int, $text, all, guard, type Kit, type Page, type Prepared, prepare } from './query.ts';

/** A host that a tenant has attached to the gateways of an owner. */
export interface Attachment extends AttachedHost {
  tenant: string;
}

/** The part of a commit that concerns shared gateways. */
export interface AttachedChange {
  /** Guard, after the inserts: no other tenant has a host of the same owner that overlaps one of these. */
  add: AttachedHost[];
  remove: AttachedHost[];
  /** Hosts of other tenants that their owners no longer admit. They are removed before `add`. */
  replaced: Attachment[];
  /** Guard: the heads of the other tenants on which the change was judged. */
  owners: OtherHead[];
  /**
   * Guard: no other tenant has attached one of these hosts to the gateways of this tenant, which routes of this tenant
   * name now. `except` lists those that it no longer admits.
   */
  routed: { hosts: string[]; except: Attachment[] };
  /** The tenants whose gateways the routes of this tenant name. Some of `add` may be there already. */
  gatewayOwners: { add: string[]; remove: string[] };
  /** The tenants whose routes may delegate to routes of this tenant, as far as the commit changes that. */
  parents: { add: string[]; remove: string[] };
  /**
   * Fleets that get a feed row with the base 0 for other tenants: the tenants in `replaced`, and, with `attached`, those
   * whose routes name gateways of this tenant. With `isMoved`, also the tenants to whose routes this tenant may delegate.
   */
  refresh: { fleets: string[]; attached: boolean; isMoved: boolean };
}

/** The hosts that tenants have attached to shared gateways of other tenants. */
export interface Attached {
  /** Lists the hosts that a tenant has attached, by owner and host. */
  of(tenant: string): Promise<AttachedHost[]>;
  /** Lists the hosts that other tenants have attached to the gateways of an owner, by host. `page.after` is a host. */
  to(owner: string, page: Page): Promise<Attachment[]>;
  /** Finds the hosts of other tenants that overlap these hosts of the same owners. */
  overlapping(tenant: string, hosts: readonly AttachedHost[]): Promise<Attachment[]>;
}

function statements({ db, t, x }: Kit) {
  const a = t.attachedHost;
  const columns = { owner: a.owner, host: a.host, tenant: a.tenant };
  const others = ne(a.tenant, $('tenant'));
  const points = x.records($('points'), ['owner', 'host']);
  const ranges = x.records($('ranges'), ['owner', 'prefix']);
  const anyPoint = sql`exists (select 1 from ${points} where records.owner = ${a.owner} and records.host = ${a.host})`;
  // `~` sorts after every character of a host.
  const anyRange = sql`exists (select 1 from ${ranges} where records.owner = ${a.owner} and ${a.reversed} >= records.prefix and ${a.reversed} < records.prefix || '~')`;
  const overlaps = and(others, sql`(${anyPoint} or ${anyRange})`);
  return {
    of: prepare(
      db
        .select({ owner: a.owner, host: a.host })
        .from(a)
        .where(eq(a.tenant, $('tenant')))
        .orderBy(asc(a.owner), asc(a.host)),
    ),
    to: prepare(
      db
        .select(columns)
        .from(a)
        .where(and(eq(a.owner, $('owner')), gt(a.host, $('after'))))
        .orderBy(asc(a.host))
        .limit($('limit')),
    ),
    overlapping: prepare(db.select(columns).from(a).where(overlaps).orderBy(asc(a.owner), asc(a.host))),
  };
}

/** Creates the interface that reads attached hosts. */
export function attached(kit: Kit): Attached {
  const q = statements(kit);
  return {
    of: (tenant) => all(kit, q.of, { tenant }),
    to: (owner, { after = '', limit }) => all(kit, q.to, { owner, after, limit }),
    overlapping: async (tenant, hosts) =>
      hosts.length === 0 ? [] : all(kit, q.overlapping, { tenant, ...lookups(hosts) }),
  };
}

function writes(kit: Kit) {
  const { db, t, x } = kit;
  const a = t.attachedHost;
  const o = t.gatewayOwner;
  const p = t.parentTenant;
  const records = x.records($('records'), ['owner', 'host', 'reversed']);
  const isRecorded = sql`exists (select 1 from ${records} where records.owner = ${a.owner} and records.host = ${a.host})`;
  const points = x.records($('points'), ['owner', 'host']);
  const ranges = x.records($('ranges'), ['owner', 'prefix']);
  const isOther = ne(a.tenant, $('tenant'));
  const point = sql`exists (select 1 from ${points} cross join ${a} where ${a.owner} = records.owner and ${a.host} = records.host and ${isOther})`;
  const range = sql`exists (select 1 from ${ranges} cross join ${a} where ${a.owner} = records.owner and ${a.reversed} >= records.prefix and ${a.reversed} < records.prefix || '~' and ${isOther})`;
  const item = sql.raw('item');
  const hosts = x.items($('hosts'));
  const isExcepted = sql`exists (select 1 from ${x.records($('except'), ['tenant', 'host'])} where records.tenant = ${a.tenant} and records.host = ${a.host})`;
  const due = (...tenants: SQL[]) => and(ne(t.tenant.name, $('tenant')), or(...tenants));
  const { naming, delegatedBy } = dependents(kit);
  const attachedTo = naming(sql`${$('owner')}`);
  const named = sql`(select ${item} from ${x.items($('tenants'))})`;
  const listed = sql`(select ${item} from ${x.items($('names'))})`;
  const refreshed = due(
    inArray(t.tenant.name, named),
    inArray(t.tenant.name, attachedTo),
    delegatedBy((parent) => eq(parent, $('parent'))),
    // A tenant without gateways of its own is served where the gateways are that its routes name.
    delegatedBy((parent) => inArray(parent, attachedTo)),
  );
  return {
    add: prepare(
      db
        .insert(a)
        .select(
          sql`select records.owner, records.host, ${$text('tenant')}, records.reversed from ${records} where true`,
        )
        .onConflictDoNothing(),
    ),
    remove: prepare(db.delete(a).where(and(eq(a.tenant, $('tenant')), isRecorded))),
    isFree: guard(kit, 'head', sql`not (${point} or ${range})`),
    isUnattached: guard(
      kit,
      'head',
      sql`not exists (select 1 from ${hosts} cross join ${a} where ${a.owner} = ${$('tenant')} and ${a.host} = item and ${isOther} and not ${isExcepted})`,
    ),
    feed: prepare(
      db.insert(t.feed).select(
        db
          .select({
            fleet: t.fleet.name,
            seq: sql<number>`${t.fleet.seq} - count(*) over () + row_number() over (order by ${t.tenant.name})`.as(
              'seq',
            ),
            tenant: t.tenant.name,
            revision: t.tenant.revision,
            base: sql<number>`0`.as('base'),
            leaves: sql<number>`0`.as('leaves'),
            createdAt: $int('createdAt').as('created_at'),
            upstreams: sql<string | null>`null`.as('upstreams'),
            issued: sql<string | null>`null`.as('issued'),
          })
          .from(t.fleet)
          .crossJoin(t.tenant)
          // Compared with a parameter alone, SQLite takes thirty times as long.
          .where(and(eq(t.fleet.name, $text('fleet')), refreshed)),
      ),
    ),
    addOwner: prepare(
      db
        .insert(o)
        .select(sql`select ${$text('tenant')}, ${item} from ${x.items($('names'))} where true`)
        .onConflictDoNothing(),
    ),
    removeOwner: prepare(db.delete(o).where(and(eq(o.tenant, $('tenant')), inArray(o.owner, listed)))),
    addParent: prepare(
      db
        .insert(p)
        .select(sql`select ${$text('tenant')}, ${item} from ${x.items($('names'))} where true`)
        .onConflictDoNothing(),
    ),
    removeParent: prepare(db.delete(p).where(and(eq(p.tenant, $('tenant')), inArray(p.parent, listed)))),
    // Every batch locks the fleets in the same order, before it reads their numbers.
    lockFleet: prepare(
      db
        .update(t.fleet)
        .set({ seq: sql`${t.fleet.seq}` })
        .where(eq(t.fleet.name, $('fleet'))),
    ),
    advance: prepare(
      db
        .update(t.fleet)
        .set({ seq: sql`${t.fleet.seq} + (select count(*) from ${t.tenant} where ${refreshed})` })
        .where(eq(t.fleet.name, $('fleet'))),
    ),
  };
}

/** Makes the statements of a commit that concern shared gateways. */
export function attaching(kit: Kit): (commit: Commit) => { guards: Statement[]; changes: Statement[] } {
  const q = writes(kit);
  const onHeads = otherHeadGuards(kit);
  const names = attachedNames(kit);
  return ({ tenant, attached, feeds, revision: { createdAt } }) => {
    if (!attached) return { guards: [], changes: [] };
    const { add, remove, replaced, owners, routed, gatewayOwners, parents, refresh } = attached;
    const rows = (hosts: readonly AttachedHost[]) =>
      parts(hosts.map(({ owner, host }) => ({ owner, host, reversed: reversed(host) })));
    const tenants = JSON.stringify([...new Set(replaced.map((each) => each.tenant))]);
    const listed = (query: Prepared<unknown>, names: readonly string[]) =>
      names.length > 0 ? [query.with({ tenant, names: JSON.stringify(names) })] : [];
    const refreshedIn = new Set(refresh.fleets);
    const moved = [...new Set([...add, ...remove, ...replaced].map(({ owner }) => owner))].sort();
    const due = { tenant, tenants, owner: refresh.attached ? tenant : '', parent: refresh.isMoved ? tenant : '' };
    return {
      guards: [
        ...onHeads(owners),
        ...(routed.hosts.length > 0
          ? [
              q.isUnattached.with({
                tenant,
                hosts: JSON.stringify(routed.hosts),
                except: JSON.stringify(routed.except),
              }),
            ]
          : []),
      ],
      changes: [
        // The rows are still there, from which the tenants that get a feed row are read.
        ...(refresh.fleets.length > 0
          ? [...new Set([...refresh.fleets, ...feeds.map(({ fleet }) => fleet)])]
              .sort()
              .flatMap((fleet) =>
                refreshedIn.has(fleet)
                  ? [q.advance.with({ ...due, fleet }), q.feed.with({ ...due, fleet, createdAt })]
                  : [q.lockFleet.with({ fleet })],
              )
          : []),
        ...listed(q.removeOwner, gatewayOwners.remove),
        ...listed(q.addOwner, gatewayOwners.add),
        ...listed(q.removeParent, parents.remove),
        ...listed(q.addParent, parents.add),
        ...rows(remove).map((records) => q.remove.with({ tenant, records })),
        ...[...Map.groupBy(replaced, (each) => each.tenant)].flatMap(([holder, hosts]) =>
          rows(hosts).map((records) => q.remove.with({ tenant: holder, records })),
        ),
        ...rows(add).map((records) => q.add.with({ tenant, records })),
        ...(add.length > 0 ? [q.isFree.with({ tenant, ...lookups(add) })] : []),
        ...(moved.length > 0 ? [names.ofAttached(moved, createdAt)] : []),
      ],
    };
  };
}

/** Returns the stored hosts that could overlap: exact ones to look up, and ranges below wildcards. */
function lookups(hosts: readonly AttachedHost[]): { points: string; ranges: string } {
  const points = hosts.flatMap(({ owner, host }) => atOrAbove(host).map((each) => ({ owner, host: each })));
  const ranges = hosts.flatMap(({ owner, host }) => {
    const prefix = prefixBelow(host);
    return prefix === undefined ? [] : [{ owner, prefix }];
  });
  return { points: JSON.stringify(points), ranges: JSON.stringify(ranges) };
}
