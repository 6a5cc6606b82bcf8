import { and, asc, eq, gt, sql } from 'drizzle-orm';
import { DEFAULT_PLAN, type SetQuotas } from '../quotas.ts';
import { type Audit, audits } from './audit.ts';
import { type Countable, countableUsage } from './countable.ts';
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
  parameters,
  prepare,
  tenantLock,
} from './query.ts';
import type { TenantVersion } from './tenants.ts';
import { unlessChanged } from './unless-changed.ts';
import { brokenGuard, violation } from './violation.ts';

export interface Plan {
  name: string;
  description: string;
  /** The limits that the plan sets. */
  quotas: SetQuotas;
  createdAt: number;
  /** The version of the plan, from which its ETag is made. The store adds 1 at every `put`. */
  version: number;
}

/** Plans, which set limits of tenants. A change of a plan increments the generation of the fleets. */
export interface Plans {
  find(name: string): Promise<Plan | undefined>;
  /** Reads one page of the plans, sorted by name. */
  list(page: Page): Promise<Plan[]>;
  /**
   * Creates a plan whose `version` is 1, or replaces one whose stored version is `version - 1`.
   *
   * @returns false when the stored plan has another version
   */
  put(plan: Plan, audit: Audit): Promise<boolean>;
  /**
   * Removes a plan.
   *
   * @returns `stale` when the plan has another version, `used` when tenants have the plan
   */
  remove(name: string, version: number, audit: Audit): Promise<'removed' | 'stale' | 'used'>;
  /**
   * Gives a tenant a plan.
   *
   * @returns `changed` when the tenant has another version or does not exist, `no plan` when there is no such plan
   */
  assign(change: { tenant: TenantVersion; plan: string }, audit: Audit): Promise<'assigned' | 'changed' | 'no plan'>;
  /** Counts what a tenant has in tables of their own. */
  usage(tenant: string, now: number): Promise<Record<Countable, number> | undefined>;
  /** Lists the first tenants with a plan, sorted by name. */
  tenantsOf(plan: string, limit: number): Promise<string[]>;
}

/** The name of the lock on a plan. A batch that gives a tenant the plan shares it. */
const planLock = (name: string): string => `plan/${name}`;

function statements(kit: Kit) {
  const { db, t } = kit;
  const named = eq(t.plan.name, $('name'));
  const stored = sql`coalesce((select ${t.plan.version} from ${t.plan} where ${named}), 0)`;
  const hasPlan = sql`exists (select 1 from ${t.plan} where ${eq(t.plan.name, $('plan'))})`;
  return {
    get: prepare(db.select().from(t.plan).where(named)),
    list: prepare(
      db
        .select()
        .from(t.plan)
        .where(gt(t.plan.name, $('after')))
        .orderBy(asc(t.plan.name))
        .limit($('limit')),
    ),
    current: guard(kit, 'version', sql`${stored} = ${$int('version')}`),
    put: prepare(
      db
        .insert(t.plan)
        .values(parameters('name', 'description', 'quotas', 'createdAt', 'version'))
        .onConflictDoUpdate({
          target: t.plan.name,
          set: {
            description: sql`excluded.description`,
            quotas: sql`excluded.quotas`,
            version: sql`excluded.version`,
          },
        }),
    ),
    unused: guard(
      kit,
      'quota',
      sql`(${$text('name')} = ${sql.raw(`'${DEFAULT_PLAN}'`)} or not exists (select 1 from ${t.tenant} where ${eq(t.tenant.plan, $('name'))}))`,
    ),
    remove: prepare(db.delete(t.plan).where(named)),
    isUnchanged: guard(
      kit,
      'version',
      sql`exists (select 1 from ${t.tenant} where ${and(eq(t.tenant.name, $('tenant')), eq(t.tenant.version, $('version')), eq(t.tenant.createdAt, $('createdAt')))})`,
    ),
    hasPlan: guard(kit, 'quota', sql`(${$text('plan')} = ${sql.raw(`'${DEFAULT_PLAN}'`)} or ${hasPlan})`),
    assign: prepare(
      db
        .update(t.tenant)
        .set({ plan: sql`${$('plan')}`, version: sql`${t.tenant.version} + 1` })
        .where(eq(t.tenant.name, $('tenant'))),
    ),
    tenants: prepare(
      db
        .select({ name: t.tenant.name })
        .from(t.tenant)
        .where(eq(t.tenant.plan, $('plan')))
        .orderBy(asc(t.tenant.name))
        .limit($('limit')),
    ),
    usage: countableUsage(kit),
    count: prepare(db.insert(t.fleetCounter).values({ id: 1, generation: 0, seq: 0 }).onConflictDoNothing()),
    bump: prepare(db.update(t.fleetCounter).set({ generation: sql`${t.fleetCounter.generation} + 1` })),
  };
}

export function plans(kit: Kit): Plans {
  const { driver } = kit;
  const q = statements(kit);
  const audit = audits(kit);
  const hold = locks(kit);
  const read = ({ quotas, ...row }: Omit<Plan, 'quotas'> & { quotas: string }): Plan => ({
    ...row,
    quotas: JSON.parse(quotas),
  });
  // A commit has a guard on the generation, so a commit that was judged with the old limits is judged again.
  const newGeneration = () => [q.count.with({}), q.bump.with({})];

  return {
    async find(name) {
      const row = await first(kit, q.get, { name });
      return row && read(row);
    },

    async list({ limit, after = '' }) {
      return (await all(kit, q.list, { limit, after })).map(read);
    },

    async put({ quotas, ...plan }, by) {
      const { name, version } = plan;
      return unlessChanged(driver, [
        ...hold({ alone: [FLEETS_LOCK, planLock(name)] }),
        q.current.with({ name, version: version - 1 }),
        q.put.with({ ...plan, quotas: JSON.stringify(quotas) }),
        ...newGeneration(),
        ...audit(by),
      ]);
    },

    async remove(name, version, by) {
      try {
        await driver.batch([
          ...hold({ alone: [FLEETS_LOCK, planLock(name)] }),
          q.current.with({ name, version }),
          q.unused.with({ name }),
          q.remove.with({ name }),
          ...newGeneration(),
          ...audit(by),
        ]);
        return 'removed';
      } catch (error) {
        const broken = brokenGuard(violation(error));
        if (broken === 'version') return 'stale';
        if (broken === 'quota') return 'used';
        throw error;
      }
    },

    async assign({ tenant: { name: tenant, version, createdAt }, plan }, by) {
      try {
        await driver.batch([
          ...hold({ alone: [tenantLock(tenant)], shared: [planLock(plan)] }),
          q.isUnchanged.with({ tenant, version, createdAt }),
          q.hasPlan.with({ plan }),
          q.assign.with({ tenant, plan }),
          ...audit(by),
        ]);
        return 'assigned';
      } catch (error) {
        const broken = brokenGuard(violation(error));
        if (broken === 'version') return 'changed';
        if (broken === 'quota') return 'no plan';
        throw error;
      }
    },

    usage: (tenant, now) => first(kit, q.usage, { tenant, now }),

    async tenantsOf(plan, limit) {
      return (await all(kit, q.tenants, { plan, limit })).map(({ name }) => name);
    },
  };
}
