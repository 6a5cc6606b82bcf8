import type { z } from 'zod';

/** One kind of policy: what users write under `policies`, and the text that explains it to them. */
export interface PolicyDefinition<Kind extends string = string, Schema extends z.ZodType = z.ZodType> {
  /** The name of the field under `policies`, such as `localRateLimit`. */
  kind: Kind;
  /** The value of that field. Its `meta` gives it a name and a description in the OpenAPI document. */
  schema: Schema;
}

/** Kinds of policies, as `model/policies/index.ts` lists them. */
export type PolicyDefinitions = readonly PolicyDefinition[];

/** The kinds in a list of definitions. */
export type KindIn<D extends PolicyDefinitions> = D[number]['kind'];

/** The value of one kind in a list of definitions. */
export type SpecIn<D extends PolicyDefinitions, K extends KindIn<D>> = z.infer<
  Extract<D[number], { kind: K }>['schema']
>;

/** What one level (a gateway, a server, a route or a rule) sets: at most one value per kind. */
export type PoliciesIn<D extends PolicyDefinitions> = { [K in KindIn<D>]?: SpecIn<D, K> };

/** Defines one kind of policy; the value is the argument, with its literal types. */
export const definePolicy = <const Kind extends string, Schema extends z.ZodType>(
  definition: PolicyDefinition<Kind, Schema>,
): PolicyDefinition<Kind, Schema> => definition;
