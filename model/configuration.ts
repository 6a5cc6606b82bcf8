import { z } from 'zod';
import { Certificate, type CertificateInfo } from './kinds/certificate.ts';
import { Gateway } from './kinds/gateway.ts';
import { type Kind, kindIds, type Plural, pluralOf, type SpecOf } from './kinds/index.ts';
import { Route } from './kinds/route.ts';
import { Upstream } from './kinds/upstream.ts';
import { Name } from './values/name.ts';

/** A whole configuration as people read and write it; emitted sorted by name. */
export const ConfigurationDocument = z
  .strictObject({
    gateways: z.record(Name, Gateway).optional(),
    routes: z.record(Name, Route).optional(),
    upstreams: z.record(Name, Upstream).optional(),
    certificates: z.record(Name, Certificate).optional(),
  })
  .meta({
    id: 'Configuration',
    description: 'Every resource of a tenant, by kind and name. Certificates come without their private keys.',
  });
export type ConfigurationDocument = z.infer<typeof ConfigurationDocument>;

/** The same with every kind there. */
export type WholeConfiguration = { [P in Plural]: NonNullable<ConfigurationDocument[P]> };

/** One resource of a configuration; `StoredResource`s and feed puts are such. */
export type Resource = {
  [K in Kind]: { kind: K; name: string; spec: SpecOf<K>; info?: K extends 'certificate' ? CertificateInfo : never };
}[Kind];

interface Item<K extends Kind> {
  spec: SpecOf<K>;
  info?: CertificateInfo | undefined;
}
type Items<K extends Kind> = ReadonlyMap<string, Item<K>>;
type ByKind = { readonly [K in Kind]: Items<K> };

/**
 * All resources of one tenant at one moment: a value. A change makes another one, which shares every kind that the
 * change did not touch.
 */
export class Configuration {
  static readonly empty = new Configuration({
    gateway: new Map(),
    route: new Map(),
    upstream: new Map(),
    certificate: new Map(),
  });
  readonly #items: ByKind;
  readonly #sorted = new Map<Kind, readonly string[]>();

  private constructor(items: ByKind) {
    this.#items = items;
  }

  static of(resources: Iterable<Resource>): Configuration {
    return Configuration.empty.change({ puts: resources });
  }

  static fromDocument(document: ConfigurationDocument): Configuration {
    const puts = kindIds.flatMap((kind) =>
      Object.entries(document[pluralOf(kind)] ?? {}).map(([name, spec]) => ({ kind, name, spec }) as Resource),
    );
    return Configuration.of(puts);
  }

  get<K extends Kind>(kind: K, name: string): SpecOf<K> | undefined {
    return this.#of(kind).get(name)?.spec;
  }

  has(kind: Kind, name: string): boolean {
    return this.#items[kind].has(name);
  }

  /** What the API knows about a certificate; absent where only the document is at hand. */
  certificateInfo(name: string): CertificateInfo | undefined {
    return this.#items.certificate.get(name)?.info;
  }

  /** Whether the other has the very same resources of a kind, being made from this one or this from it without touching them. */
  shares(kind: Kind, other: Configuration): boolean {
    return this.#items[kind] === other.#items[kind];
  }

  /** Stands for its resources of a kind: the same object while they are the very same, to remember something by. */
  identity(kind: Kind): object {
    return this.#items[kind];
  }

  size(kind: Kind): number {
    return this.#items[kind].size;
  }

  /** Sorted, whatever the order of insertion. */
  names(kind: Kind): readonly string[] {
    let names = this.#sorted.get(kind);
    if (!names) this.#sorted.set(kind, (names = [...this.#items[kind].keys()].sort()));
    return names;
  }

  /** Sorted by name; or those of some names that there are, in their order. */
  *entries<K extends Kind>(kind: K, names = this.names(kind)): Generator<[name: string, spec: SpecOf<K>]> {
    const items = this.#of(kind);
    for (const name of names) {
      const item = items.get(name);
      if (item) yield [name, item.spec];
    }
  }

  with<K extends Kind>(kind: K, name: string, spec: SpecOf<K>, info?: CertificateInfo): Configuration {
    return this.change({ puts: [{ kind, name, spec, info } as unknown as Resource] });
  }

  without(kind: Kind, name: string): Configuration {
    return this.has(kind, name) ? this.change({ deletes: [{ kind, name }] }) : this;
  }

  /** Several changes as one; deletes first. */
  change(changes: { puts?: Iterable<Resource>; deletes?: Iterable<{ kind: Kind; name: string }> }): Configuration {
    const next: { [K in Kind]?: Map<string, Item<K>> } = {};
    const renamed = new Set<Kind>();
    const writable = (kind: Kind) =>
      (next[kind] ??= new Map(this.#items[kind] as Map<string, never>)) as Map<string, Item<Kind>>;
    for (const { kind, name } of changes.deletes ?? []) if (writable(kind).delete(name)) renamed.add(kind);
    for (const { kind, name, spec, info } of changes.puts ?? []) {
      const items = writable(kind);
      if (!items.has(name)) renamed.add(kind);
      items.set(name, info ? { spec, info } : { spec });
    }
    const changed = new Configuration({ ...this.#items, ...next });
    for (const [kind, names] of this.#sorted) if (!renamed.has(kind)) changed.#sorted.set(kind, names);
    return changed;
  }

  /** As people read it, sorted by kind and name. Kinds without resources are there, empty. */
  document(): WholeConfiguration {
    const document = {} as Record<Plural, unknown>;
    for (const kind of kindIds) document[pluralOf(kind)] = Object.fromEntries(this.entries(kind));
    return document as WholeConfiguration;
  }

  #of<K extends Kind>(kind: K): Items<K> {
    return this.#items[kind] as unknown as Items<K>;
  }
}
