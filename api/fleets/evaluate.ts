import { concerns, type FleetChange, mayStop, movesGateways, unservedBy } from '../../model/check/fleet-change.ts';
import type { Fleet as ModelFleet } from '../../model/fleet.ts';
import type { Kind, SpecOf } from '../../model/kinds/index.ts';
import type { Violation } from '../../model/violations.ts';
import { inSlices, Pace } from '../pace.ts';
import { claiming } from '../serving/serving.ts';
import type { Fleet, FleetJudgement } from '../store/fleets.ts';
import type { Store } from '../store/store.ts';

/** A tenant's resource that the fleet stops serving, or that it would begin to serve if its rules allowed it. */
export type Unserved = { tenant: string } & Violation;

/** The most unserved resources that are listed per tenant, and in all. All of them are counted. */
const NAMED_OF_TENANT = 100;
const NAMED = 1000;
const TENANTS_A_PAGE = 50;
/** A single resource may be as large as a request's body, so a page is small. */
const RESOURCES_A_PAGE = 50;

/**
 * The effects of a fleet's change on every tenant that it serves before or after, in pages of tenants. A repeated call
 * checks only tenants that published since.
 */
export class Evaluation {
  readonly #store: Store;
  readonly #change: FleetChange;
  readonly #pace = new Pace();
  /** The revision at which each tenant was checked. */
  readonly #seen = new Map<string, number>();
  readonly #unserved = new Map<string, { count: number; named: Unserved[] }>();

  constructor(store: Store, change: FleetChange) {
    this.#store = store;
    this.#change = change;
  }

  /** The number of unserved resources, of all tenants. */
  get count(): number {
    return [...this.#unserved.values()].reduce((sum, { count }) => sum + count, 0);
  }

  /** The first unserved resources, by tenant. */
  get unserved(): Unserved[] {
    return this.tenants.flatMap((tenant) => this.#unserved.get(tenant)!.named).slice(0, NAMED);
  }

  /** The names of tenants with unserved resources, sorted. */
  get tenants(): string[] {
    return [...this.#unserved.keys()].sort();
  }

  /** Checks every tenant that published since the last call. */
  async run(): Promise<void> {
    if (!mayStop(this.#change)) return;
    for await (const tenants of this.#pages()) {
      const published = tenants.filter(({ name, revision }) => this.#seen.get(name) !== revision);
      await Promise.all(published.map((tenant) => this.#look(tenant)));
    }
  }

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
      // With a database that answers at once, other requests would wait until the last page.
      await new Promise((resolve) => setTimeout(resolve));
    }
  }

  async #look({ name, revision }: { name: string; revision: number }): Promise<void> {
    this.#seen.set(name, revision);
    this.#unserved.delete(name);
    const gateways = await specs(this.#store, name, 'gateway', revision);
    if (!concerns(this.#change, name, gateways)) return;
    const denies = (this.#change.after?.denyDestinations ?? []).length > 0;
    const upstreams = denies ? await specs(this.#store, name, 'upstream', revision) : [];
    const found = await inSlices(unservedBy(this.#change, name, gateways, upstreams), this.#pace);
    if (found.length === 0) return;
    const named = found.slice(0, NAMED_OF_TENANT).map((each) => ({ tenant: name, ...each }));
    this.#unserved.set(name, { count: found.length, named });
  }
}

/**
 * The host claims that the change moves. A host is claimed unless only dedicated fleets serve it, so only a
 * tenant with a dedicated fleet gains or loses claims.
 *
 * @param all every fleet before, and after
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

/** All resources of a kind, read in pages. */
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
