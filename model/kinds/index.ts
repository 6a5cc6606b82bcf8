/**
 * The registry of kinds. A new kind of resource is a file that defines it, and a line in `definitions`: everything else
 * that depends on kinds is mapped from that list.
 */
import type { z } from 'zod';
import type { HostPattern } from '../values/host.ts';
import { certificate } from './certificate.ts';
import type { Counted, Delivery, ReferencePlace } from './definition.ts';
import { gateway } from './gateway.ts';
import { route } from './route.ts';
import { upstream } from './upstream.ts';

export type { CertificateInfo } from './certificate.ts';

/** In the order in which documents list them. */
const definitions = [gateway, route, upstream, certificate] as const;

type Definition = (typeof definitions)[number];
type Definitions = { [D in Definition as D['id']]: D };

/** The id of a kind: `gateway`. */
export type Kind = Definition['id'];
/** The plural of a kind, as URLs and documents have it: `gateways`. */
export type Plural = Definition['plural'];

/** Each kind by its id. */
export const kinds = Object.fromEntries(definitions.map((each) => [each.id, each])) as unknown as Definitions;

/** Every kind, in the order in which documents list them. */
export const kindIds: readonly Kind[] = definitions.map(({ id }) => id);

type Specs = { [D in Definition as D['id']]: z.output<D['schema']> };
type Inputs = { [D in Definition as D['id']]: z.output<D['input']> };

/** The stored spec of a kind. */
export type SpecOf<K extends Kind> = Specs[K];
/** What a write of the kind carries. */
export type InputOf<K extends Kind> = Inputs[K];
/** What the API keeps beside a resource of the kind; `never` when it keeps nothing. */
export type InfoOf<K extends Kind> = z.output<NonNullable<Definitions[K]['info']>>;
/** The fields of the kind's input that are sealed. */
export type SecretOf<K extends Kind> = keyof Definitions[K]['secrets'];

type KindWhere<Part> = { [K in Kind]: Definitions[K] extends Part ? K : never }[Kind];

/** Kinds whose resources select the fleets that serve them. */
export type SelectedKind = KindWhere<{ delivery: 'selected' }>;
/** Kinds about whose resources the API keeps what it reads out of them. */
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

// The registry pairs each kind with its own spec; TypeScript cannot follow that through a generic index.
const members = <K extends Kind>(kind: K): Members<K> => kinds[kind] as unknown as Members<K>;

/** The plural of a kind, as URLs and documents have it: `routes`. */
export const pluralOf = (kind: Kind): Plural => kinds[kind].plural;

/** The plural with a capital, as OpenAPI tags and operation names have it: `Routes`. */
export const tagOf = (kind: Kind): string => pluralOf(kind)[0]!.toUpperCase() + pluralOf(kind).slice(1);

/** Whether a text is the id of a kind: text in the store may come from a version that knows other kinds. */
export const isKind = (text: string): text is Kind => Object.hasOwn(kinds, text);

/**
 * Makes a record with one value per kind.
 *
 * @example perKind(() => 0) // { gateway: 0, route: 0, upstream: 0, certificate: 0 }
 */
export const perKind = <T>(make: (kind: Kind) => T): Record<Kind, T> =>
  Object.fromEntries(kindIds.map((kind) => [kind, make(kind)])) as Record<Kind, T>;

/** The references in a spec, each with its JSON pointer, ordered by the kind that they name. */
export function refersTo<K extends Kind>(kind: K, spec: SpecOf<K>): Reference[] {
  const all: Reference[] = [];
  // Keys of `refersTo` are kinds, or `Reference` does not compile.
  const places = members(kind).refersTo;
  for (const referred in places)
    for (const place of places[referred]!(spec)) all.push({ kind: referred as Referred, ...place });
  return all;
}

/** Whether resources of a kind can refer to resources of another. */
export const canReferTo = (from: Kind, to: Kind): boolean => Object.hasOwn(kinds[from].refersTo, to);

/** Kinds whose resources can refer to resources of these kinds. */
export const kindsReferringTo = (to: readonly Kind[]): Kind[] =>
  kindIds.filter((from) => to.some((each) => canReferTo(from, each)));

/** Whether no resource can refer to one of the kind. */
export const isNeverReferredTo = (kind: Kind): boolean => neverReferredTo.has(kind);
// Every write asks.
const neverReferredTo = new Set(kindIds.filter((kind) => kindsReferringTo([kind]).length === 0));

/** Which fleets receive resources of the kind. */
export const deliveryOf = (kind: Kind): Delivery => kinds[kind].delivery;

/** Whether resources of the kind select the fleets that serve them. */
export const isSelectedKind = (kind: Kind): kind is SelectedKind => deliveryOf(kind) === 'selected';

/** Picks the resources or changes that are of a selected kind, with their type. */
export const isSelected = <R extends { kind: Kind }>(each: R): each is Extract<R, { kind: SelectedKind }> =>
  isSelectedKind(each.kind);

/** The hosts that a spec names, each with a JSON pointer inside the spec; none for a kind that names none. */
export const hostsIn = <K extends Kind>(kind: K, spec: SpecOf<K>): Iterable<[host: HostPattern, path: string]> =>
  members(kind).hosts?.(spec) ?? [];

/** The parts of a spec that count towards a limit of its tenant; none for a kind that is not counted. */
export const countedIn = <K extends Kind>(kind: K, spec: SpecOf<K>): Iterable<Counted> =>
  members(kind).counts?.(spec) ?? [];

/** How much a spec counts in all: hosts by weight, or endpoints. */
export function amountOf<K extends Kind>(kind: K, spec: SpecOf<K>): number {
  let sum = 0;
  for (const [amount] of countedIn(kind, spec)) sum += amount;
  return sum;
}

/** Fields of the kind's input that are sealed. */
export const secretFieldsOf = <K extends Kind>(kind: K): SecretOf<K>[] =>
  Object.keys(kinds[kind].secrets) as SecretOf<K>[];

/**
 * The sealed fields of a resource, each with the id under which its value is kept.
 *
 * @param info what the API keeps beside the resource; without it nothing is known to be sealed
 */
export const secretsOf = <K extends Kind>(kind: K, info: InfoOf<K> | undefined): [field: string, id: string][] =>
  info ? Object.entries(members(kind).secrets).map(([field, idOf]) => [field, idOf(info)]) : [];
