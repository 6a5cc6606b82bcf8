/**
 * The registry of kinds. A new kind of resource needs a file that defines it, and a line in `definitions`. All types
 * and functions that depend on kinds are derived from that list.
 */
import type { z } from 'zod';
import type { HostPattern } from '../values/host.ts';
import { certificate } from './certificate.ts';
import type { Counted, Delivery, ReferencePlace } from './definition.ts';
import { gateway } from './gateway.ts';
import { route } from './route.ts';
import { trustBundle } from './trust-bundle.ts';
import { upstream } from './upstream.ts';

export type { CertificateInfo } from './certificate.ts';

/** The kinds, in the order in which documents list them. */
const definitions = [gateway, route, upstream, certificate, trustBundle] as const;

type Definition = (typeof definitions)[number];
type Definitions = { [D in Definition as D['id']]: D };

/** The id of a kind: `gateway`. */
export type Kind = Definition['id'];
/** The kind with its article, for messages: `a route`, `an upstream`. */
export const oneOf = (kind: Kind): string => `${/^[aeiou]/.test(kind) ? 'an' : 'a'} ${kind}`;

/** The plural of a kind, as URLs and documents contain it: `gateways`. */
export type Plural = Definition['plural'];

/** The definition of each kind, by the id of the kind. */
export const kinds = Object.fromEntries(definitions.map((each) => [each.id, each])) as unknown as Definitions;

/** Every kind, in the order in which documents list them. */
export const kindIds: readonly Kind[] = definitions.map(({ id }) => id);

type Specs = { [D in Definition as D['id']]: z.output<D['schema']> };
type Inputs = { [D in Definition as D['id']]: z.output<D['input']> };

/** The stored spec of a kind. */
export type SpecOf<K extends Kind> = Specs[K];
/** The spec of a kind as clients write it, with its secrets. */
export type InputOf<K extends Kind> = Inputs[K];
/** The information that the API reads out of resources of the kind; `never` when it reads none. */
export type InfoOf<K extends Kind> = z.output<NonNullable<Definitions[K]['info']>>;
/** The fields of the kind's input that are sealed. */
export type SecretOf<K extends Kind> = keyof Definitions[K]['secrets'];

type KindWhere<Part> = { [K in Kind]: Definitions[K] extends Part ? K : never }[Kind];

/** Kinds whose resources select the fleets that serve them. */
export type SelectedKind = KindWhere<{ delivery: 'selected' }>;
/** Kinds out of whose resources the API reads information, such as the DNS names of a certificate. */
export type InformedKind = { [K in Kind]: [InfoOf<K>] extends [never] ? never : K }[Kind];

/** A place in a resource that names another one. */
export interface Reference extends ReferencePlace {
  kind: Referred;
}
type Referred = { [K in Kind]: keyof Definitions[K]['refersTo'] }[Kind];

/** The members of a definition that have a spec or an info as parameter. */
interface Members<K extends Kind> {
  refersTo: Readonly<Record<string, (spec: SpecOf<K>) => ReferencePlace[]>>;
  delivery: Delivery;
  secrets: Readonly<Record<string, (info: InfoOf<K>) => string>>;
  hosts?(spec: SpecOf<K>): Iterable<[host: HostPattern, path: string]>;
  counts?(spec: SpecOf<K>): Iterable<Counted>;
}

// The registry has the right spec for each kind, but TypeScript cannot connect a generic kind with its spec.
const members = <K extends Kind>(kind: K): Members<K> => kinds[kind] as unknown as Members<K>;

/** Returns the plural of a kind, as URLs and documents contain it: `routes`. */
export const pluralOf = (kind: Kind): Plural => kinds[kind].plural;

/** Returns the plural of a kind with a capital, as OpenAPI tags and operation names contain it: `Routes`. */
export const tagOf = (kind: Kind): string => pluralOf(kind)[0]!.toUpperCase() + pluralOf(kind).slice(1);

/** Whether a text is the id of a kind. The store may contain kinds of another version of Gatehouse. */
export const isKind = (text: string): text is Kind => Object.hasOwn(kinds, text);

/**
 * Makes a record with one value per kind.
 *
 * @example perKind(() => 0) // { gateway: 0, route: 0, upstream: 0, certificate: 0, trustBundle: 0 }
 */
export const perKind = <T>(make: (kind: Kind) => T): Record<Kind, T> =>
  Object.fromEntries(kindIds.map((kind) => [kind, make(kind)])) as Record<Kind, T>;

/** Lists the references in a spec, grouped by the kind that they name. */
export function refersTo<K extends Kind>(kind: K, spec: SpecOf<K>): Reference[] {
  const all: Reference[] = [];
  // The keys of `refersTo` are kinds: otherwise `Reference` would not compile.
  const places = members(kind).refersTo;
  for (const referred in places)
    for (const place of places[referred]!(spec)) all.push({ kind: referred as Referred, ...place });
  return all;
}

/** Whether resources of the kind `from` can refer to resources of the kind `to`. */
export const canReferTo = (from: Kind, to: Kind): boolean => Object.hasOwn(kinds[from].refersTo, to);

/** Lists the kinds whose resources can refer to resources of at least one of these kinds. */
export const kindsReferringTo = (to: readonly Kind[]): Kind[] =>
  kindIds.filter((from) => to.some((each) => canReferTo(from, each)));

/** Whether no resource of any kind can refer to a resource of this kind. */
export const isNeverReferredTo = (kind: Kind): boolean => neverReferredTo.has(kind);
// Computed once, because every write calls `isNeverReferredTo`.
const neverReferredTo = new Set(kindIds.filter((kind) => kindsReferringTo([kind]).length === 0));

/** Returns which fleets receive resources of the kind. */
export const deliveryOf = (kind: Kind): Delivery => kinds[kind].delivery;

/** Whether resources of the kind may refer to resources that are delivered by reference. */
export const isHolderKind = (kind: Kind): boolean => holders.has(kind);
const holders = new Set(kindsReferringTo(kindIds.filter((kind) => deliveryOf(kind) === 'referenced')));

/** Whether resources of the kind select the fleets that serve them. */
export const isSelectedKind = (kind: Kind): kind is SelectedKind => deliveryOf(kind) === 'selected';

/** Whether a resource or a change is of a selected kind. Filters with it get the narrower type. */
export const isSelected = <R extends { kind: Kind }>(each: R): each is Extract<R, { kind: SelectedKind }> =>
  isSelectedKind(each.kind);

/** Lists the hosts that a spec names, each with a JSON pointer inside the spec. Some kinds name no hosts. */
export const hostsIn = <K extends Kind>(kind: K, spec: SpecOf<K>): Iterable<[host: HostPattern, path: string]> =>
  members(kind).hosts?.(spec) ?? [];

/** Lists the parts of a spec that count towards a limit of its tenant. Some kinds are not counted. */
export const countedIn = <K extends Kind>(kind: K, spec: SpecOf<K>): Iterable<Counted> =>
  members(kind).counts?.(spec) ?? [];

/** Returns the sum of the amounts that a spec counts: hosts by `hostWeight`, or endpoints. */
export function amountOf<K extends Kind>(kind: K, spec: SpecOf<K>): number {
  let sum = 0;
  for (const [amount] of countedIn(kind, spec)) sum += amount;
  return sum;
}

/** Lists the fields of the kind's input that are sealed. */
export const secretFieldsOf = <K extends Kind>(kind: K): SecretOf<K>[] =>
  Object.keys(kinds[kind].secrets) as SecretOf<K>[];

/**
 * Lists the sealed fields of a resource, each with the id under which its sealed value is stored.
 *
 * @param info the information that the API read out of the resource; without it, the list is empty
 */
export const secretsOf = <K extends Kind>(kind: K, info: InfoOf<K> | undefined): [field: string, id: string][] =>
  info ? Object.entries(members(kind).secrets).map(([field, idOf]) => [field, idOf(info)]) : [];
