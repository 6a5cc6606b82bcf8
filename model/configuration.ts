import { z } from 'zod';
import {
  type InfoOf,
  type InputOf,
  type Kind,
  kindIds,
  kinds,
  type Plural,
  perKind,
  pluralOf,
  type SpecOf,
} from './kinds/index.ts';
import { Name } from './values/name.ts';
import { formatReference, type ResourceName } from './values/reference.ts';

/** Resources by kind and name, such as `{ routes: { shop: … } }`. A kind may be absent. */
type Document<Of extends Record<Kind, unknown>> = {
  [K in Kind as (typeof kinds)[K]['plural']]?: Record<string, Of[K]> | undefined;
};

type NameSchema = z.ZodType<string, string>;

/**
 * Builds the schema of a document with resources of every kind: `{ routes: { shop: … }, … }`. Every kind is optional.
 *
 * @param of returns the schema of one resource of a kind
 * @param names the schema of the resources' names
 */
export const documentOf = <Of extends Record<Kind, unknown>>(of: (kind: Kind) => z.ZodType, names: NameSchema = Name) =>
  z.strictObject(
    Object.fromEntries(kindIds.map((kind) => [pluralOf(kind), z.record(names, of(kind)).optional()])),
    // `Object.fromEntries` loses the names of the members. They are the plurals of all kinds.
  ) as unknown as z.ZodType<Document<Of>>;

/** A whole configuration as the API returns it. The resources of each kind are sorted by name. */
export const ConfigurationDocument = documentOf<{ [K in Kind]: SpecOf<K> }>((kind) => kinds[kind].schema).meta({
  id: 'Configuration',
  description: 'Every resource of a tenant, by kind and name. Certificates do not contain their private keys.',
});
export type ConfigurationDocument = z.infer<typeof ConfigurationDocument>;

/** A whole configuration as clients write it: with the secrets of its resources, such as private keys. */
export const ConfigurationInput = documentOf<{ [K in Kind]: InputOf<K> }>((kind) => kinds[kind].input).meta({
  id: 'ConfigurationInput',
  description: 'Every resource of a tenant, by kind and name.',
  example: {
    gateways: {
      reviews: {
        selector: { ingress: 'public' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['shop.example.com'] }],
      },
    },
    upstreams: { reviews: { port: 9080, endpoints: [{ address: '10.0.0.7' }] } },
    routes: {
      reviews: {
        hosts: ['shop.example.com'],
        gateways: ['reviews'],
        http: [{ route: [{ destination: { upstream: 'reviews' } }] }],
      },
    },
  },
});

/** The same as `ConfigurationDocument` with every kind present. */
export type WholeConfiguration = { [P in Plural]: NonNullable<ConfigurationDocument[P]> };

/** One resource of a configuration, with its kind and name. */
export type Resource = { [K in Kind]: { kind: K; name: string; spec: SpecOf<K>; info?: InfoOf<K> } }[Kind];

interface Item<K extends Kind> {
  spec: SpecOf<K>;
  info?: InfoOf<K> | undefined;
}
type Items<K extends Kind> = ReadonlyMap<string, Item<K>>;
type ByKind = { readonly [K in Kind]: Items<K> };

/** A list of so few resources is made faster than a generator of them. Every check of a write lists the written ones. */
const SHORT = 10;

/**
 * All resources of one tenant at one moment. A configuration is immutable: a change returns a new configuration, which
 * shares with the old one the resources of every kind that the change did not touch.
 *
 * @example Configuration.empty.with('route', 'shop', spec).get('route', 'shop') // spec
 */
export class Configuration {
  static readonly empty = new Configuration(perKind(() => new Map()));
  readonly #items: ByKind;
  readonly #sorted = new Map<Kind, readonly string[]>();

  private constructor(items: ByKind) {
    this.#items = items;
  }

  /** Makes a configuration from resources. Of several with the same kind and name, the last one counts. */
  static of(resources: Iterable<Resource>): Configuration {
    return Configuration.empty.change({ puts: resources });
  }

  /** Makes a configuration from a document. It has no information about its resources, such as certificates' names. */
  static fromDocument(document: ConfigurationDocument): Configuration {
    const puts = kindIds.flatMap((kind) =>
      Object.entries(document[pluralOf(kind)] ?? {}).map(([name, spec]) => ({ kind, name, spec }) as Resource),
    );
    return Configuration.of(puts);
  }

  /** Returns the spec of a resource; undefined when there is no such resource. */
  get<K extends Kind>(kind: K, name: string): SpecOf<K> | undefined {
    return this.#of(kind).get(name)?.spec;
  }

  has(kind: Kind, name: string): boolean {
    return this.#items[kind].has(name);
  }

  /**
   * Finds the resource that a reference names.
   *
   * @returns undefined when there is no such resource. A configuration has the resources of one tenant. Only a combined configuration
   *   (`binding/shared-gateway.ts`) also has gateways of other tenants, under the text of the reference
   */
  find<K extends Kind>(reference: ResourceName & { kind: K }): SpecOf<K> | undefined {
    return this.get(reference.kind, formatReference(reference));
  }

  /**
   * Returns the information that the API read out of a resource, such as the DNS names of a certificate. Undefined when
   * it is not known.
   */
  info<K extends Kind>(kind: K, name: string): InfoOf<K> | undefined {
    return this.#of(kind).get(name)?.info;
  }

  /**
   * Whether both configurations share the resources of the kind. They do when one was made from the other by changes
   * of other kinds. False does not mean that the resources differ.
   */
  shares(kind: Kind, other: Configuration): boolean {
    return this.#items[kind] === other.#items[kind];
  }

  /**
   * Returns an object that stays the same while no change touches the kind. Caches use it as the key of results that
   * depend on this kind.
   */
  identity(kind: Kind): object {
    return this.#items[kind];
  }

  /** Returns the number of resources of a kind. */
  size(kind: Kind): number {
    return this.#items[kind].size;
  }

  /** The names of a kind, sorted. */
  names(kind: Kind): readonly string[] {
    let names = this.#sorted.get(kind);
    if (!names) this.#sorted.set(kind, (names = [...this.#items[kind].keys()].sort()));
    return names;
  }

  /**
   * Lists the resources of a kind, in the order of `names`.
   *
   * @param names default: all names of the kind, sorted. Names without a resource are skipped
   */
  entries<K extends Kind>(kind: K, names?: readonly string[]): Iterable<[name: string, spec: SpecOf<K>]> {
    if (names === undefined || names.length > SHORT) return this.#entries(kind, names ?? this.names(kind));
    const all: [string, SpecOf<K>][] = [];
    for (let index = 0; index < names.length; index++) {
      const item = this.#of(kind).get(names[index]!);
      if (item) all.push([names[index]!, item.spec]);
    }
    return all;
  }

  *#entries<K extends Kind>(kind: K, names: readonly string[]): Generator<[name: string, spec: SpecOf<K>]> {
    const items = this.#of(kind);
    for (const name of names) {
      const item = items.get(name);
      if (item) yield [name, item.spec];
    }
  }

  /**
   * Returns a new configuration in which one resource is created or replaced.
   *
   * @param info the information that the API read out of the resource
   */
  with<K extends Kind>(kind: K, name: string, spec: SpecOf<K>, info?: InfoOf<K>): Configuration {
    return this.change({ puts: [{ kind, name, spec, info } as unknown as Resource] });
  }

  /** Returns a configuration without one resource; the same configuration when there is no such resource. */
  without(kind: Kind, name: string): Configuration {
    return this.has(kind, name) ? this.change({ deletes: [{ kind, name }] }) : this;
  }

  /** Returns a new configuration with several changes. Deletes are applied first. */
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

  /** Returns the configuration as a document, sorted by name. Kinds without resources are empty objects. */
  document(): WholeConfiguration {
    const document = {} as Record<Plural, unknown>;
    for (const kind of kindIds) document[pluralOf(kind)] = Object.fromEntries(this.entries(kind));
    return document as WholeConfiguration;
  }

  #of<K extends Kind>(kind: K): Items<K> {
    return this.#items[kind] as unknown as Items<K>;
  }
}
