import { and, eq, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { $, $int, guard, type Kit } from './query.ts';

/** The state from which the content of a batch was computed. */
interface Basis {
  tenant: string;
  /** The number and the id of the tenant's head. */
  revision: number;
  head: string;
  /** The creation time of the tenant; null when it does not matter. */
  tenantCreatedAt: number | null;
  fleetGeneration: number;
}

/** The head of another tenant on which a change was judged. */
export interface OtherHead {
  owner: string;
  /** The id of the head; empty when there is no such tenant. */
  head: string;
}

/** Makes the guards that other tenants still have these heads. The batch must hold their locks, at least shared. */
export function otherHeadGuards(kit: Kit): (heads: readonly OtherHead[]) => Statement[] {
  const { t } = kit;
  const isHead = guard(
    kit,
    'head',
    sql`coalesce((select ${t.tenant.head} from ${t.tenant} where ${t.tenant.name} = ${$('owner')}), '') = ${$('head')}`,
  );
  return (heads) => heads.map(({ owner, head }) => isHead.with({ owner, head }));
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
  );
  const head = guard(kit, 'head', sql`exists (select 1 from ${t.tenant} where ${isHead})`);
  const fleets = guard(
    kit,
    'fleets',
    sql`coalesce((select ${t.fleetCounter.generation} from ${t.fleetCounter}), 0) = ${$('fleetGeneration')}`,
  );
  return ({ fleetGeneration, ...basis }) => [head.with(basis), fleets.with({ fleetGeneration })];
}
