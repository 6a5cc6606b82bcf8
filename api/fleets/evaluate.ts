import { type FleetChange, mayStop, movesGateways, servesAny, unservedBy } from '../../model/check/fleet-change.ts';
import type { Fleet as ModelFleet } from '../../model/fleet.ts';
import type { Kind, SpecOf } from '../../model/kinds/index.ts';
import type { Violation } from '../../model/violations.ts';
import { inSlices, Pace } from '../pace.ts';
import { claiming } from '../serving/serving.ts';
import type { Fleet, FleetJudgement } from '../store/fleets.ts';
import type { Store } from '../store/store.ts';

/** A resource, or a part of it, that a change of a fleet leaves unserved, with the tenant that owns the resource. */
export type Unserved = { tenant: string } & Violation;

/** The maximum number of unserved resources that are listed per tenant. All of them are counted. */
const NAMED_OF_TENANT = 100;
/** The maximum number of unserved resources that are listed for all tenants. All of them are counted. */
const NAMED = 1000;
/** The number of tenants that one query reads. */
const TENANTS_A_PAGE = 50;
/**
 * The number of resources that one query reads. The number is small, because one resource may be as large as the body
 * of a request.
 */
const RESOURCES_A_PAGE = 50;

/**
 * Finds the resources that a change of a fleet leaves unserved, for every tenant that the fleet serves before or after
 * the change. It reads the tenants in pages. The caller calls `run` and then reads `count`, `unserved` and `tenants`.
 */
export class Evaluation {
  readonly #store: Store;
  readonly #change: FleetChange;
  readonly #pace = new Pace();
  /** The revision at which each tenant was last checked, by the name of the tenant. */
  readonly #seen = new Map<string, number>();
  /** The unserved resources by the name of their tenant. Tenants without unserved resources have no entry. */
  readonly #unserved = new Map<string, { count: number; named: Unserved[] }>();

  /** @param change the fleet before and after the change, and all other fleets */
  constructor(store: Store, change: FleetChange) {
    this.#store = store;
    this.#change = change;
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
    for (let last: string | undefined; ; ) {
      const page = { limit: TENANTS_A_PAGE, ...(last !== undefined && { after: last }) };
      const tenants = await this.#store.tenants.listWithGateways(page);
      yield tenants;
      if (tenants.length < TENANTS_A_PAGE) return;
      last = tenants.at(-1)!.name;
      // SQLite answers at once. Without this pause, other requests would wait until the last page is checked.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  /** Checks one tenant at a revision, and replaces what an earlier check found for the tenant. */
  async #look({ name, revision }: { name: string; revision: number }): Promise<void> {
    this.#seen.set(name, revision);
    this.#unserved.delete(name);
    const gateways = await specs(this.#store, name, 'gateway', revision);
    if (!servesAny(this.#change, name, gateways)) return;
    const denies = (this.#change.after?.denyDestinations ?? []).length > 0;
    const upstreams = denies ? await specs(this.#store, name, 'upstream', revision) : [];
    const found = await inSlices(unservedBy(this.#change, name, gateways, upstreams), this.#pace);
    if (found.length === 0) return;
    const named = found.slice(0, NAMED_OF_TENANT).map((each) => ({ tenant: name, ...each }));
    this.#unserved.set(name, { count: found.length, named });
  }
}

/**
 * Computes which host claims a change of a fleet adds and removes.
 *
 * A tenant claims a host of its gateways unless only dedicated fleets serve these gateways. A change of a fleet
 * therefore adds or removes claims only for tenants that have a dedicated fleet before or after the change.
 *
 * @param change the fleet before and after the change
 * @param all all fleets, as they are before and after the change
 * @returns the claims to add and to remove, per tenant, with the revision at which they were computed
 */
export async function movedClaims(
  store: Store,
  change: FleetChange,
  all: { before: readonly Fleet[]; after: readonly Fleet[] },
): Promise<FleetJudgement['claims']> {
  if (!movesGateways(change)) return [];
  const owners = new Set([...all.before, ...all.after].flatMap(({ tenant }) => tenant ?? []));
  const isOpen = (fleet: ModelFleet | undefined) => fleet !== undefined && fleet.tenant === undefined;
  const shared = isOpen(change.before) || isOpen(change.after);
  const concerned = shared
    ? owners
    : [change.before?.tenant, change.after?.tenant].filter((name) => name !== undefined);
  const moved: FleetJudgement['claims'] = [];
  const pace = new Pace();
  for (const tenant of new Set(concerned)) {
    const found = await store.tenants.find(tenant);
    if (!found) continue;
    const gateways = (await specs(store, tenant, 'gateway', found.revision)).map(([, spec]) => spec);
    const held = await inSlices(claiming(all.before, tenant, gateways), pace);
    const due = await inSlices(claiming(all.after, tenant, gateways), pace);
    moved.push({
      tenant,
      revision: found.revision,
      add: [...due].filter((host) => !held.has(host)),
      remove: [...held].filter((host) => !due.has(host)),
    });
  }
  return moved;
}

/**
 * Reads all resources of one kind of a tenant at a revision, in pages.
 *
 * @returns pairs of the name and the spec, sorted by name
 */
async function specs<K extends Kind>(store: Store, tenant: string, kind: K, revision: number) {
  const found: (readonly [name: string, spec: SpecOf<K>])[] = [];
  const pace = new Pace();
  for (;;) {
    if (pace.isDue) await pace.rest();
    const after = found.at(-1)?.[0];
    const page = await store.configuration.list(tenant, kind, {
      limit: RESOURCES_A_PAGE,
      revision,
      ...(after !== undefined && { after }),
    });
    found.push(...page.map(({ name, spec }) => [name, spec as SpecOf<K>] as const));
    if (page.length < RESOURCES_A_PAGE) return found;
  }
}
