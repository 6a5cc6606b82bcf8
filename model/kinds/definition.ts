/** The parts of the definition of one kind of resource. `./index.ts` lists the kinds. */
import type { z } from 'zod';
import type { HostPattern } from '../values/host.ts';
import type { ResourceName } from '../values/reference.ts';

/** A place in a spec that names another resource. */
export interface ReferencePlace extends ResourceName {
  /** The name of the port of the only server that is meant, in references to gateways. Absent: the whole resource. */
  portName?: string;
  /** JSON pointer to the field that names the other resource. */
  path: string;
}

/**
 * Which fleets receive a resource of a tenant that they serve.
 *
 * - `selected`: the fleets whose labels its `selector` matches. A fleet serves a tenant when it is selected by one of
 *   the tenant's resources.
 * - `referenced`: the fleets that receive a resource which refers to it. No other fleet receives its secrets.
 * - `always`: every fleet that serves the tenant.
 */
export type Delivery = 'selected' | 'referenced' | 'always';

/** A part of a resource that counts towards a limit of its tenant, such as a host of a gateway. */
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
  /** The kind in URLs of operations, in the feed and in the store: `route`. */
  id: Id;
  /** The kind in URLs and documents: `routes`. */
  plural: Plural;
  /** The name of the kind in texts for people, OpenAPI names and tags: `Route`. */
  title: string;
  /** One line about the kind, for the API's reference. */
  summary: string;
  /** The schema of the stored resource, as the API returns it. */
  schema: Stored;
  /** The schema of writes: the same, plus the fields of `secrets`. */
  input: Input;
  /** By kind: a function that lists the places in a spec that name resources of that kind. */
  refersTo: { [K in Referred]: (spec: z.output<Stored>) => ReferencePlace[] };
  delivery: How;
  /** The schema of the information that the API reads out of a written resource and stores with it. */
  info?: Info;
  /**
   * Fields of the input that the API seals. The stored spec does not contain them, and only agents receive them. For
   * each field: a function that returns the id under which the sealed value is stored.
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
