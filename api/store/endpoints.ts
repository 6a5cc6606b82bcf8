import { and, asc, eq, gt, inArray, lt, lte, or, sql } from 'drizzle-orm';
import type { RegisteredGroup } from '../../model/registered-endpoints.ts';
import { type Audit, audits } from './audit.ts';
import { feedRows, type NewFeedRow } from './feed-rows.ts';
import { headGuards, type OtherHead, otherHeadGuards } from './head-guards.ts';
import { parts } from './parts.ts';
import {
  $,
  $int,
  $text,
  all,
  FLEETS_LOCK,
  first,
  guard,
  type Kit,
  locks,
  type Page,
  prepare,
  tenantLock,
} from './query.ts';
import { brokenGuard, violation } from './violation.ts';

/** The job that removes expired registrations, and the row of the table `job` that shows when it last ran. */
export const EXPIRE_ENDPOINTS = 'expire-endpoints';

/** The name of one registration. */
export interface EndpointKey {
  tenant: string;
  upstream: string;
  id: string;
}

/** An endpoint that a process has registered. Times are milliseconds since 1970. */
export interface RegisteredEndpoint extends EndpointKey {
  /** JSON of an `Endpoint`, as the feed contains it. */
  endpoint: string;
  /** JSON of the endpoint's labels, sorted by key. */
  labels: string;
  /** In milliseconds. */
  ttl: number;
  expiresAt: number;
  registeredAt: number;
}

/**
 * The time of a request. A registration has expired when its time is over at `now`, and the job that removes expired
 * registrations last succeeded at most `grace` milliseconds before that time. So none expires while the API is down:
 * its process cannot renew it then.
 */
export interface Moment {
  now: number;
  grace: number;
}

/** A change of a tenant's registered endpoints. The store writes it completely or not at all. */
export interface EndpointChange {
  tenant: string;
  /**
   * Guard: the head of the tenant has this number and id, and the tenant has this creation time, and this plan if any.
   */
  head: { revision: number; id: string; tenantCreatedAt: number; plan?: string };
  /** Guard: the tenant has at most this number of registered endpoints before the change. Absent: any number. */
  registered?: number;
  /** Guard: the heads of the other tenants from which `fleets` was computed. */
  others: readonly OtherHead[];
  /** Guard: the generation of the fleets from which `fleets` was computed. */
  fleetGeneration: number;
  puts: RegisteredEndpoint[];
  removes: { upstream: string; id: string }[];
  /** Of `removes`, only those that expire at this time or earlier. Absent: all. */
  expiredBy?: number;
  /** The fleets that serve the tenant. Each gets one feed row. */
  fleets: string[];
  at: number;
  audit?: Audit;
}

/** The endpoints of an upstream as the feed contains them. */
interface EndpointList {
  tenant: string;
  upstream: string;
  /** JSON of an array of `Endpoint`. */
  endpoints: string[];
}

/** The endpoints that processes have registered at upstreams. */
export interface RegisteredEndpoints {
  /**
   * Extends a registration that has the same content and has not expired, in one statement.
   *
   * @returns the time of the registration; undefined when there is no such registration
   */
  renew(endpoint: Omit<RegisteredEndpoint, 'registeredAt' | 'labels'>, at: Moment): Promise<number | undefined>;
  /** @returns the numbers of the feed rows; after a conflict with a guard, nothing was written */
  write(
    change: EndpointChange,
  ): Promise<{ ok: true; seqs: { fleet: string; seq: number }[] } | { ok: false; conflict: 'head' | 'fleets' }>;
  find(key: EndpointKey, at: Moment): Promise<RegisteredEndpoint | undefined>;
  /** Lists the endpoints of an upstream, sorted by id. */
  list(of: { tenant: string; upstream: string }, page: Page, at: Moment): Promise<RegisteredEndpoint[]>;
  /** Returns the endpoints of these upstreams of a tenant, sorted by upstream and id. */
  ofUpstreams(tenant: string, upstreams: readonly string[], at: Moment): Promise<EndpointList[]>;
  /** Returns the endpoints of all upstreams of these tenants, sorted by tenant, upstream and id. */
  ofTenants(tenants: readonly string[], at: Moment): Promise<EndpointList[]>;
  /** Counts the endpoints of a tenant, including those that have expired but have not been removed. */
  groups(tenant: string): Promise<RegisteredGroup[]>;
  /** Returns the time at which the job last succeeded; 0 when it never did, or when its last run failed. */
  lastExpiry(): Promise<number>;
  /** Moves every expiry to at least `now` plus the TTL. */
  extend(now: number): Promise<void>;
  /** Returns expired registrations, the earliest first. */
  expired(now: number, limit: number): Promise<EndpointKey[]>;
}

function statements(kit: Kit) {
  const { db, t, x } = kit;
  const e = t.registeredEndpoint;
  const ofTenant = eq(e.tenant, $('tenant'));
  const ofUpstream = and(ofTenant, eq(e.upstream, $('upstream')));
  const one = and(ofUpstream, eq(e.id, $('id')));
  const lastExpiry = sql<number>`coalesce((select ${t.job.finishedAt} from ${t.job} where ${t.job.name} = ${EXPIRE_ENDPOINTS} and ${t.job.failures} = 0), 0)`;
  const isAlive = or(gt(e.expiresAt, $('now')), gt(e.expiresAt, sql`${lastExpiry} + ${$int('grace')}`));
  const listed = (names: string) => sql`(select ${sql.raw('item')} from ${x.items($(names))})`;
  const lists = () => db.select({ tenant: e.tenant, upstream: e.upstream, endpoint: e.endpoint }).from(e);
  const columns = ['upstream', 'id', 'endpoint', 'labels', 'ttl', 'expiresAt', 'registeredAt'] as const;
  const records = x.records($('records'), columns);
  const text = (column: (typeof columns)[number]) => sql.raw(`records."${column}"`);
  const number = (column: (typeof columns)[number]) => sql`cast(${text(column)} as bigint)`;
  return {
    renew: prepare(
      db
        .update(e)
        .set({ expiresAt: sql`${$('expiresAt')}` })
        .where(and(one, eq(e.endpoint, $('endpoint')), eq(e.ttl, $('ttl')), isAlive))
        .returning({ registeredAt: e.registeredAt }),
    ),
    put: prepare(
      db
        .insert(e)
        .select(
          sql`select ${$text('tenant')}, ${text('upstream')}, ${text('id')}, ${text('endpoint')}, ${text('labels')}, ${number('ttl')}, ${number('expiresAt')}, ${number('registeredAt')} from ${records} where true`,
        )
        .onConflictDoUpdate({
          target: [e.tenant, e.upstream, e.id],
          set: {
            endpoint: sql`excluded.endpoint`,
            labels: sql`excluded.labels`,
            ttl: sql`excluded.ttl`,
            expiresAt: sql`excluded.expires_at`,
            registeredAt: sql`excluded.registered_at`,
          },
        }),
    ),
    remove: prepare(
      db
        .delete(e)
        .where(
          and(
            ofTenant,
            lte(e.expiresAt, $('expiredBy')),
            sql`exists (select 1 from ${x.records($('records'), ['upstream', 'id'])} where records.upstream = ${e.upstream} and records.id = ${e.id})`,
          ),
        ),
    ),
    find: prepare(db.select().from(e).where(and(one, isAlive))),
    list: prepare(
      db
        .select()
        .from(e)
        .where(and(ofUpstream, gt(e.id, $('after')), isAlive))
        .orderBy(asc(e.id))
        .limit($('limit')),
    ),
    ofUpstreams: prepare(
      lists()
        .where(and(ofTenant, inArray(e.upstream, listed('upstreams')), isAlive))
        .orderBy(asc(e.upstream), asc(e.id)),
    ),
    ofTenants: prepare(
      lists()
        .where(and(inArray(e.tenant, listed('tenants')), isAlive))
        .orderBy(asc(e.tenant), asc(e.upstream), asc(e.id)),
    ),
    groups: prepare(
      db
        .select({ upstream: e.upstream, labels: e.labels, count: sql<number>`cast(count(*) as integer)` })
        .from(e)
        .where(ofTenant)
        .groupBy(e.upstream, e.labels)
        .orderBy(asc(e.upstream), asc(e.labels)),
    ),
    atMost: guard(kit, 'head', sql`(select count(*) from ${e} where ${ofTenant}) <= ${$int('registered')}`),
    lastExpiry: prepare(
      db
        .select({ at: t.job.finishedAt })
        .from(t.job)
        .where(and(eq(t.job.name, $('job')), eq(t.job.failures, 0))),
    ),
    extend: prepare(
      db
        .update(e)
        .set({ expiresAt: sql`${$int('now')} + ${e.ttl}` })
        .where(lt(e.expiresAt, sql`${$int('now')} + ${e.ttl}`)),
    ),
    expired: prepare(
      db
        .select({ tenant: e.tenant, upstream: e.upstream, id: e.id })
        .from(e)
        .where(lte(e.expiresAt, $('now')))
        .orderBy(asc(e.expiresAt))
        .limit($('limit')),
    ),
  };
}

export function endpoints(kit: Kit): RegisteredEndpoints {
  const q = statements(kit);
  const { driver } = kit;
  const hold = locks(kit);
  const onBasis = headGuards(kit);
  const onHeads = otherHeadGuards(kit);
  const audit = audits(kit);
  const feed = feedRows(kit);
  return {
    async renew({ tenant, upstream, id, endpoint, ttl, expiresAt }, at) {
      const statement = q.renew.with({ tenant, upstream, id, endpoint, ttl, expiresAt, ...at });
      // The process repeats a renewal that is lost.
      const [rows] = await (driver.note?.([statement]) ?? driver.batch([statement]));
      return q.renew.rows(rows!)[0]?.registeredAt;
    },

    async write({
      tenant,
      head,
      others,
      fleetGeneration,
      registered,
      puts,
      removes,
      expiredBy,
      fleets,
      at,
      audit: by,
    }) {
      const rows: NewFeedRow[] = fleets.map((fleet) => ({ fleet, base: head.revision, leaves: false }));
      const upstreams = [...new Set([...puts, ...removes].map(({ upstream }) => upstream))];
      const { revision, id, tenantCreatedAt, plan = null } = head;
      try {
        const results = await driver.batch([
          ...hold({
            alone: [tenantLock(tenant)],
            shared: [FLEETS_LOCK, ...others.map(({ owner }) => tenantLock(owner))],
          }),
          ...onBasis({ tenant, revision, head: id, tenantCreatedAt, plan, fleetGeneration }),
          ...onHeads(others),
          ...(registered === undefined ? [] : [q.atMost.with({ tenant, registered })]),
          ...parts(puts).map((records) => q.put.with({ tenant, records })),
          ...parts(removes.map(({ upstream, id }) => ({ upstream, id }))).map((records) =>
            q.remove.with({ tenant, records, expiredBy: expiredBy ?? Number.MAX_SAFE_INTEGER }),
          ),
          ...(by ? audit(by) : []),
          ...feed.statements(rows, { tenant, number: revision, createdAt: at, upstreams }),
        ]);
        return { ok: true, seqs: feed.seqs(rows, results) };
      } catch (error) {
        const broken = brokenGuard(violation(error));
        if (broken === 'head' || broken === 'fleets') return { ok: false, conflict: broken };
        throw error;
      }
    },

    find: (key, at) => first(kit, q.find, { ...key, ...at }),
    list: (of, { limit, after = '' }, at) => all(kit, q.list, { ...of, limit, after, ...at }),
    ofUpstreams: async (tenant, upstreams, at) =>
      listsOf(await all(kit, q.ofUpstreams, { tenant, upstreams: JSON.stringify(upstreams), ...at })),
    ofTenants: async (tenants, at) => listsOf(await all(kit, q.ofTenants, { tenants: JSON.stringify(tenants), ...at })),
    groups: async (tenant) =>
      (await all(kit, q.groups, { tenant })).map((row) => ({ ...row, labels: JSON.parse(row.labels) })),
    lastExpiry: async () => (await first(kit, q.lastExpiry, { job: EXPIRE_ENDPOINTS }))?.at ?? 0,
    extend: async (now) => void (await driver.batch([q.extend.with({ now })])),
    expired: (now, limit) => all(kit, q.expired, { now, limit }),
  };
}

/** Joins consecutive rows of the same upstream. */
function listsOf(rows: { tenant: string; upstream: string; endpoint: string }[]): EndpointList[] {
  const lists: EndpointList[] = [];
  for (const { tenant, upstream, endpoint } of rows) {
    const last = lists.at(-1);
    if (last?.tenant === tenant && last.upstream === upstream) last.endpoints.push(endpoint);
    else lists.push({ tenant, upstream, endpoints: [endpoint] });
  }
  return lists;
}
