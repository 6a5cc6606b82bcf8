import { and, eq, gt, lte, or, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { $, $int, $text, guard, type Kit } from './query.ts';

/** The state from which the content of a batch was computed. */
interface Basis {
  tenant: string;
  /** The number and the id of the tenant's head. */
  revision: number;
  head: string;
  /** The creation time of the tenant; null when it does not matter. */
  tenantCreatedAt: number | null;
  /** The plan of the tenant; null when it does not matter. */
  plan: string | null;
  fleetGeneration: number;
}

/** The head of another tenant on which a change was judged. The store has this head, or had it. */
export interface OtherHead {
  owner: string;
  /** The id of the head; empty when there is no such tenant. */
  head: string;
  /** The number of the head, and the creation time of its tenant. */
  revision: number;
  tenantCreatedAt: number;
  /**
   * Of the routes that the other tenant has changed since then, only those count that name one of these hosts, or a
   * host that `tenant` has attached to its gateways. Absent: all routes count.
   */
  routed?: { tenant: string; hosts: string[] };
}

/**
 * Makes the guards that other tenants still have these heads, or newer ones with the same gateways, and the same routes
 * that count. Otherwise a tenant that writes all the time would stop the writes of all tenants that attach routes to
 * its gateways. The batch must hold the locks of the other tenants, at least shared.
 */
export function otherHeadGuards(kit: Kit): (heads: readonly OtherHead[]) => Statement[] {
  const { x, t } = kit;
  const { tenant, resourceVersion: version, attachedHost: attached } = t;
  const item = sql.raw('item');
  const isAttached = and(
    eq(attached.owner, $('owner')),
    eq(attached.tenant, $('tenant')),
    sql`${attached.host} = ${item}`,
  );
  const isNamed = sql`${item} in (select ${item} from ${x.items($('hosts'))})`;
  const names = sql`exists (select 1 from ${x.items(x.member(version.spec, 'hosts'))} where ${isNamed} or exists (select 1 from ${attached} where ${isAttached}))`;
  // A deletion has a row too. Of pruned revisions, rows may be missing.
  const isChanged = and(
    eq(version.tenant, $('owner')),
    gt(version.fromRevision, $int('revision')),
    or(eq(version.kind, sql`'gateway'`), and(eq(version.kind, sql`'route'`), or(sql`${$int('any')} = 1`, names))),
  );
  const isBuiltOnHead = and(
    eq(tenant.name, $('owner')),
    eq(tenant.createdAt, $int('tenantCreatedAt')),
    lte(tenant.oldest, $int('revision')),
    sql`not exists (select 1 from ${version} where ${isChanged})`,
  );
  const isHead = sql`coalesce((select ${tenant.head} from ${tenant} where ${tenant.name} = ${$('owner')}), '') = ${$('head')}`;
  const isSame = guard(kit, 'head', sql`(${isHead} or exists (select 1 from ${tenant} where ${isBuiltOnHead}))`);
  return (heads) =>
    heads.map(({ routed, ...head }) =>
      isSame.with({
        ...head,
        any: routed ? 0 : 1,
        tenant: routed?.tenant ?? '',
        hosts: JSON.stringify(routed?.hosts ?? []),
      }),
    );
}

/** Makes the guards of a batch: the tenant has this head, and the fleets have this generation. */
export function headGuards(kit: Kit): (basis: Basis) => Statement[] {
  const { t } = kit;
  const same = sql`${t.tenant.createdAt} = coalesce(${$int('tenantCreatedAt')}, ${t.tenant.createdAt})`;
  const isHead = and(
    eq(t.tenant.name, $('tenant')),
    eq(t.tenant.revision, $('revision')),
    eq(t.tenant.head, $('head')),
    same,
    sql`${t.tenant.plan} = coalesce(${$text('plan')}, ${t.tenant.plan})`,
  );
  const head = guard(kit, 'head', sql`exists (select 1 from ${t.tenant} where ${isHead})`);
  const fleets = guard(
    kit,
    'fleets',
    sql`coalesce((select ${t.fleetCounter.generation} from ${t.fleetCounter}), 0) = ${$('fleetGeneration')}`,
  );
  return ({ fleetGeneration, ...basis }) => [head.with(basis), fleets.with({ fleetGeneration })];
}
