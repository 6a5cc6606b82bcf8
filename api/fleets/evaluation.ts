import { type FleetMove, isSelectedByAny, mayStop, unservedBy } from '../../model/check/fleet-change.ts';
import type { Violation } from '../../model/violations.ts';
import { everyPage } from '../every-item.ts';
import { inSlices, Pace } from '../pace.ts';
import type { Store } from '../store/store.ts';
import type { OtherFleets } from './other-fleets.ts';
import { specsOf } from './specs.ts';

/** A resource, or a part of it, that a change of a fleet leaves unserved, with the tenant that owns the resource. */
export type Unserved = { tenant: string } & Violation;

/** The maximum number of unserved resources that are listed per tenant. All of them are counted. */
const NAMED_OF_TENANT = 100;
/** The maximum number of unserved resources that are listed for all tenants. All of them are counted. */
export const NAMED = 1000;
/** The number of tenants that one query reads. */
const TENANTS_A_PAGE = 50;

/**
 * Finds the resources that a change of a fleet leaves unserved, for every tenant that the fleet serves before or after
 * the change. It reads the tenants in pages. The caller calls `run` and then reads `count`, `unserved` and `tenants`.
 */
export class Evaluation {
  readonly #store: Store;
  readonly #change: FleetMove;
  readonly #others: OtherFleets;
  readonly #pace = new Pace();
  /** The revision at which each tenant was last checked, by the name of the tenant. */
  readonly #seen = new Map<string, number>();
  /** The unserved resources by the name of their tenant. Tenants without unserved resources have no entry. */
  readonly #unserved = new Map<string, { count: number; named: Unserved[] }>();

  /** @param change the fleet before and after the change */
  constructor(store: Store, change: FleetMove, others: OtherFleets) {
    this.#store = store;
    this.#change = change;
    this.#others = others;
  }

  /** The number of unserved resources of all tenants. */
  get count(): number {
    return [...this.#unserved.values()].reduce((sum, { count }) => sum + count, 0);
  }

  /** The first 1,000 unserved resources, sorted by tenant. */
  get unserved(): Unserved[] {
    return this.tenants.flatMap((tenant) => this.#unserved.get(tenant)!.named).slice(0, NAMED);
  }

  /** The names of the tenants that have unserved resources, sorted. */
  get tenants(): string[] {
    return [...this.#unserved.keys()].sort();
  }

  /** Checks every tenant. A repeated call checks only tenants that published a revision since the previous call. */
  async run(): Promise<void> {
    if (!mayStop(this.#change)) return;
    for await (const tenants of this.#pages()) {
      const published = tenants.filter(({ name, revision }) => this.#seen.get(name) !== revision);
      await Promise.all(published.map((tenant) => this.#look(tenant)));
    }
  }

  /**
   * Yields the tenants to check, in pages. If the fleet is dedicated to one tenant before and after the change, only
   * the tenants of these dedications are checked.
   */
  async *#pages(): AsyncGenerator<{ name: string; revision: number }[]> {
    const { before, after } = this.#change;
    const fleets = [before, after].filter((fleet) => fleet !== undefined);
    if (fleets.every(({ tenant }) => tenant !== undefined)) {
      const own = await Promise.all(fleets.map(({ tenant }) => this.#store.tenants.find(tenant!)));
      yield own.filter((tenant) => tenant !== undefined);
      return;
    }
    yield* everyPage(
      (page) => this.#store.tenants.listWithGateways(page),
      ({ name }) => name,
      TENANTS_A_PAGE,
    );
  }

  /** Checks one tenant at a revision, and replaces what an earlier check found for the tenant. */
  async #look({ name, revision }: { name: string; revision: number }): Promise<void> {
    this.#seen.set(name, revision);
    this.#unserved.delete(name);
    const gateways = await specsOf(this.#store, name, 'gateway', revision);
    if (!isSelectedByAny(this.#change, name, gateways)) return;
    const denies = (this.#change.after?.denyDestinations ?? []).length > 0;
    const upstreams = denies ? await specsOf(this.#store, name, 'upstream', revision) : [];
    const change = { ...this.#change, others: await this.#others(name) };
    const found = await inSlices(unservedBy(change, name, gateways, upstreams), this.#pace);
    if (found.length === 0) return;
    const named = found.slice(0, NAMED_OF_TENANT).map((each) => ({ tenant: name, ...each }));
    this.#unserved.set(name, { count: found.length, named });
  }
}
