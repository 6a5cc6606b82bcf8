/** What the definition of one kind of resource consists of. `./index.ts` lists the kinds. */
import type { z } from 'zod';
import type { HostPattern } from '../values/host.ts';
import type { ResourceName } from '../values/reference.ts';

/** A place in a spec that names another resource. */
export interface ReferencePlace extends ResourceName {
  /** JSON pointer inside the spec that refers. */
  path: string;
}

/**
 * Which fleets receive a resource of a tenant that they serve.
 *
 * - `selected`: the fleets whose labels its `selector` matches. A fleet serves a tenant when it is selected by one of
 *   the tenant's resources.
 * - `referenced`: the fleets that receive a resource which refers to it. Its secrets reach no other fleet.
 * - `always`: every fleet that serves the tenant.
 */
export type Delivery = 'selected' | 'referenced' | 'always';

/** A part of a resource that counts towards a limit of its tenant. */
export type Counted = [
  amount: number,
  /** JSON pointer inside the spec. */
  path: string,
];

/** One kind of resource. */
export interface Definition<
  Id extends string,
  Plural extends string,
  Stored extends z.ZodType,
  Input extends z.ZodType,
  Referred extends string,
  How extends Delivery,
  Info extends z.ZodType,
> {
  /** In URLs of operations, in the feed and in the store: `route`. */
  id: Id;
  /** In URLs and documents: `routes`. */
  plural: Plural;
  /** For people, in OpenAPI names and tags: `Route`. */
  title: string;
  /** One line about the kind, for the page of the API. */
  summary: string;
  /** What is stored and read. */
  schema: Stored;
  /** What is written: the same, plus the fields of `secrets`. */
  input: Input;
  /** By kind: the places that name resources of that kind. */
  refersTo: { [K in Referred]: (spec: z.output<Stored>) => ReferencePlace[] };
  /** The least scope of a token that may write resources of the kind. */
  writableBy: 'tenant:write';
  delivery: How;
  /** What the API reads out of a resource when it is written, and keeps beside it. */
  info?: Info;
  /**
   * Fields of the input that are sealed when they are written: they are neither stored in the spec nor read back, and
   * only agents receive them. For each, the id under which its sealed value is kept.
   */
  secrets: { [F in Exclude<keyof z.output<Input>, keyof z.output<Stored>>]-?: (info: z.output<Info>) => string };
  /** The hosts that a resource names, each with a JSON pointer inside the spec. */
  hosts?(spec: z.output<Stored>): Iterable<[host: HostPattern, path: string]>;
  /**
   * The parts of a resource that count towards a limit of its tenant. Absent: resources of the kind are not counted.
   */
  counts?(spec: z.output<Stored>): Iterable<Counted>;
}

/** Checks a definition and keeps its exact type, from which the types of `./index.ts` are mapped. */
export const define = <
  const Id extends string,
  const Plural extends string,
  Stored extends z.ZodType,
  Input extends z.ZodType,
  Referred extends string,
  const How extends Delivery,
  Info extends z.ZodType = z.ZodType<never>,
>(
  definition: Definition<Id, Plural, Stored, Input, Referred, How, Info>,
) => definition;
