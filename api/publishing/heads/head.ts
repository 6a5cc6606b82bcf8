import { Configuration, type Resource } from '../../../model/configuration.ts';
import { type InfoOf, type Kind, perKind, type SpecOf } from '../../../model/kinds/index.ts';
import type { Sha256 } from '../../access/authenticate.ts';
import { Pace } from '../../pace.ts';
import type { StoredResource } from '../../store/configuration.ts';
import { isClosed, type Tenant } from '../../store/tenants.ts';
import { etag } from '../../version.ts';
import { type Amount, type Amounts, addAmount, amountIn, noAmounts } from './amount.ts';
import { contentHash, resourceHash } from './content-hash.ts';

/** The data that a head has about one resource in addition to its spec. */
interface Stamp {
  revision: number;
  updatedAt: number;
  /** SHA-256 of kind, name and spec. The content hash of the configuration is computed from these hashes. */
  hash: string;
  /** The length of the JSON in characters, plus an allowance for the objects around it. */
  size: number;
  amount: Amount;
}

/** A write of one resource. Its spec has passed the schema of the kind. */
export type Put = {
  [K in Kind]: {
    verb: 'put';
    kind: K;
    name: string;
    spec: SpecOf<K>;
    /** The spec as JSON. Present once `with` has compared it with the head. */
    json?: string;
    info?: InfoOf<K>;
  };
}[Kind];
/** A write or a deletion of one resource. */
export type Change = Put | { verb: 'delete'; kind: Kind; name: string };

/** Returns the JSON of the first change, if it is a write. Returns undefined when nothing changed. */
export const jsonOf = ([change]: readonly Change[]): string | undefined =>
  change?.verb === 'put' ? change.json : undefined;

/** The stamps of all resources, by kind and name. */
type Stamps = { readonly [K in Kind]: ReadonlyMap<string, Stamp> };

const none: ReadonlyMap<string, Stamp> = new Map();
const noStamps: Stamps = perKind(() => none);

/** A copy of stamps that can be changed. It copies only the kinds that change. */
class StampsDraft {
  readonly #from: Stamps;
  readonly #own = new Map<Kind, Map<string, Stamp>>();

  constructor(from: Stamps) {
    this.#from = from;
  }

  /** Returns the stamps of a kind for changes. */
  of(kind: Kind): Map<string, Stamp> {
    let own = this.#own.get(kind);
    if (!own) this.#own.set(kind, (own = new Map(this.#from[kind])));
    return own;
  }

  /** Returns the changed stamps. */
  finish(): Stamps {
    return { ...this.#from, ...Object.fromEntries(this.#own) };
  }
}

/** The whole configuration of a tenant at one revision. A head never changes: `with` returns a new head. */
export class Head {
  readonly tenant: string;
  /**
   * The time when the tenant was created, in milliseconds since 1970. It differs for a later tenant of the same name.
   */
  readonly born: number;
  /** The name of the tenant's plan. */
  readonly plan: string;
  readonly revision: number;
  /**
   * The id of the revision. If two writers create a revision of the same number, the ids differ, even for the same
   * content.
   */
  readonly id: string;
  readonly configuration: Configuration;
  /** Whether the tenant is suspended or deleted. A change of that also changes the id of the head. */
  readonly isClosed: boolean;
  /** The size of all resources, in characters. In memory, they use about five times as many bytes. */
  readonly size: number;
  /**
   * The number of hosts of all gateways, of hosts of all routes, of endpoints of all upstreams, and the cost of
   * patterns.
   */
  readonly amounts: Amounts;
  readonly #stamps: Stamps;

  private constructor(
    of: Pick<Head, 'tenant' | 'born' | 'plan' | 'revision' | 'id' | 'configuration' | 'isClosed' | 'size' | 'amounts'>,
    stamps: Stamps,
  ) {
    this.tenant = of.tenant;
    this.born = of.born;
    this.plan = of.plan;
    this.revision = of.revision;
    this.id = of.id;
    this.configuration = of.configuration;
    this.isClosed = of.isClosed;
    this.size = of.size;
    this.amounts = of.amounts;
    this.#stamps = stamps;
  }

  /**
   * Makes a head from stored resources.
   *
   * @param row the row of the tenant
   * @param revision the revision of the resources, which is the current one of the tenant or an earlier one
   * @param resources all resources at that revision
   * @param digest computes SHA-256
   */
  static async from(
    row: Tenant,
    revision: number,
    resources: readonly StoredResource[],
    digest: Sha256,
  ): Promise<Head> {
    const stamps = new StampsDraft(noStamps);
    let size = 0;
    const amounts = noAmounts();
    const pace = new Pace(resources.length);
    for (const { kind, name, spec, revision, updatedAt } of resources) {
      if (pace.isDue) await pace.rest();
      const stamp = { revision, updatedAt, ...(await measure(kind, name, spec, JSON.stringify(spec), digest)) };
      stamps.of(kind).set(name, stamp);
      size += stamp.size;
      addAmount(amounts, kind, stamp.amount, 1);
    }
    const configuration = Configuration.of(resources as Iterable<Resource>);
    const { name: tenant, createdAt: born, plan, head: id } = row;
    return new Head(
      { tenant, born, plan, revision, id, configuration, isClosed: isClosed(row), size, amounts },
      stamps.finish(),
    );
  }

  /** Returns the resource as it is stored; undefined when it does not exist. */
  get<K extends Kind>(kind: K, name: string): StoredResource<K> | undefined {
    const stamp = this.#stamps[kind].get(name);
    if (!stamp) return undefined;
    const info = this.configuration.info(kind, name);
    return {
      kind,
      name,
      spec: this.configuration.get(kind, name),
      revision: stamp.revision,
      updatedAt: stamp.updatedAt,
      ...(info && { info }),
    } as StoredResource<K>;
  }

  /** Returns the ETag of a resource; undefined when the resource does not exist. */
  etagOf(kind: Kind, name: string): string | undefined {
    const stamp = this.#stamps[kind].get(name);
    return stamp && etag({ version: stamp.revision, createdAt: this.born });
  }

  /** The ETag of the whole configuration. */
  get etag(): string {
    return etag({ version: this.revision, createdAt: this.born });
  }

  /** Returns the specs of all gateways. */
  gateways(): SpecOf<'gateway'>[] {
    return [...this.configuration.entries('gateway')].map(([, spec]) => spec);
  }

  /**
   * Applies changes.
   *
   * @param now the current time in milliseconds since 1970
   * @returns the head after the changes, and those changes that differ from this head. If there are none of these,
   *   there is nothing to publish.
   */
  async with(changes: readonly Change[], now: number, digest: Sha256): Promise<{ next: Head; effective: Change[] }> {
    const revision = this.revision + 1;
    const draft = new StampsDraft(this.#stamps);
    const effective: Change[] = [];
    let size = this.size;
    const amounts = { ...this.amounts };
    const pace = new Pace(changes.length);
    for (const change of changes) {
      if (pace.isDue) await pace.rest();
      const { kind, name } = change;
      const stamps = draft.of(kind);
      const before = stamps.get(name);
      if (change.verb === 'delete') {
        if (!stamps.delete(name)) continue;
        effective.push(change);
      } else {
        const json = JSON.stringify(change.spec);
        const stamp = { revision, updatedAt: now, ...(await measure(kind, name, change.spec, json, digest)) };
        if (before?.hash === stamp.hash) continue;
        stamps.set(name, stamp);
        size += stamp.size;
        addAmount(amounts, kind, stamp.amount, 1);
        effective.push({ ...change, json });
      }
      size -= before?.size ?? 0;
      if (before) addAmount(amounts, kind, before.amount, -1);
    }
    const puts = effective.filter((change): change is Put => change.verb === 'put') as Iterable<Resource>;
    const deletes = effective.filter(({ verb }) => verb === 'delete');
    const { tenant, born, plan, isClosed } = this;
    const configuration = this.configuration.change({ puts, deletes });
    const id = crypto.randomUUID();
    const next = new Head({ tenant, born, plan, revision, id, configuration, isClosed, size, amounts }, draft.finish());
    return { next, effective };
  }

  /** Computes the content hash of the configuration. */
  async contentHash(digest: Sha256): Promise<string> {
    return contentHash(
      (kind) => this.configuration.names(kind).map((name) => this.#stamps[kind].get(name)!.hash),
      digest,
    );
  }
}

/** The allowance per resource for the objects around its spec, in characters. */
const OVERHEAD = 200;

/** Computes those parts of a stamp that depend on the spec. */
async function measure(
  kind: Kind,
  name: string,
  spec: SpecOf<Kind>,
  json: string,
  digest: Sha256,
): Promise<Pick<Stamp, 'hash' | 'size' | 'amount'>> {
  const hash = await resourceHash(kind, name, json, digest);
  return { hash, size: json.length + OVERHEAD, amount: amountIn(kind, spec, json.length) };
}
