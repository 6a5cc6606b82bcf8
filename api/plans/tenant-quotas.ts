import { LRUCache } from 'lru-cache';
import { absent } from '../problem.ts';
import type { Heads } from '../publishing/heads/heads.ts';
import { DEFAULT_PLAN, type Quotas, quotasOf } from '../quotas.ts';
import type { FleetDirectory } from '../serving/directory.ts';
import type { Settings } from '../settings.ts';
import type { Store } from '../store/store.ts';

/** The time for which the plan of a tenant is kept in memory, in milliseconds. */
const KEPT_MS = 60_000;

/**
 * Finds the limits of tenants, with a cache of the plan of each tenant. The limits may be out of date: a batch that
 * enforces a quota has a guard on the plan, or reads the plan itself.
 */
export class TenantQuotas {
  readonly #store: Store;
  readonly #settings: Settings;
  readonly #fleets: FleetDirectory;
  readonly #heads: Heads;
  readonly #plans = new LRUCache<string, { plan: string; at: number }>({ max: 10_000 });

  constructor(store: Store, settings: Settings, fleets: FleetDirectory, heads: Heads) {
    this.#store = store;
    this.#settings = settings;
    this.#fleets = fleets;
    this.#heads = heads;
  }

  /**
   * Returns the limits of a tenant.
   *
   * @param now the current time in milliseconds since 1970
   * @throws Problem `not-found` when there is no such tenant
   */
  async quotasOf(tenant: string, now: number): Promise<Quotas> {
    const plan = await this.#planOf(tenant, now);
    if (plan === undefined) throw absent(`tenant ${tenant}`);
    return this.#quotasWith(plan, now);
  }

  /**
   * Returns how many requests per second a tenant may send. A tenant that does not exist has the default plan, so that
   * the answer does not reveal whether it does.
   */
  async rateOf(tenant: string, now: number): Promise<{ policy: string; perSecond: number; burst: number }> {
    const { requestsPerSecond, requestBurst } = await this.#quotasWith(
      (await this.#planOf(tenant, now)) ?? DEFAULT_PLAN,
      now,
    );
    return { policy: 'tenant', perSecond: requestsPerSecond, burst: requestBurst };
  }

  /** Drops the plan of a tenant, which has changed. */
  forget(tenant: string): void {
    this.#plans.delete(tenant);
  }

  async #quotasWith(plan: string, now: number): Promise<Quotas> {
    const { plans } = await this.#fleets.platform(now);
    return quotasOf(this.#settings, plans.get(plan));
  }

  async #planOf(tenant: string, now: number): Promise<string | undefined> {
    const known = this.#heads.newest(tenant)?.plan ?? this.#kept(tenant, now);
    if (known !== undefined) return known;
    const plan = (await this.#store.tenants.find(tenant))?.plan;
    if (plan !== undefined) this.#plans.set(tenant, { plan, at: now });
    return plan;
  }

  #kept(tenant: string, now: number): string | undefined {
    const kept = this.#plans.get(tenant);
    return kept && now - kept.at < KEPT_MS ? kept.plan : undefined;
  }
}
