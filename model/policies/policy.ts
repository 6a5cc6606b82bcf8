import type { z } from 'zod';

/** One kind of policy: what users write under `policies`, and the text that explains it to them. */
export interface PolicyDefinition<Kind extends string = string, Schema extends z.ZodType = z.ZodType> {
  /** The name of the field under `policies`, such as `localRateLimit`. */
  kind: Kind;
  /** The value of that field. Its `meta` gives it a name and a description in the OpenAPI document. */
  schema: Schema;
  /**
   * What a policy of a nearer level does to one that another tenant has set: the owner of a shared gateway, or the tenant
   * whose rule delegates. `cannot`: the other tenant's policy applies, as every policy must that protects something, such
   * as authentication, lists of addresses, and rate limits.
   */
  overOtherTenant: 'cannot' | 'replaces';
}

/** A list of kinds of policy, such as `policyDefinitions`. */
export type PolicyDefinitions = readonly PolicyDefinition[];

/** The names of the kinds in a list of definitions. */
export type KindIn<D extends PolicyDefinitions> = D[number]['kind'];

/** The value that users write for one kind in a list of definitions. */
export type SpecIn<D extends PolicyDefinitions, K extends KindIn<D>> = z.infer<
  Extract<D[number], { kind: K }>['schema']
>;

/** The policies of one level (a gateway, a server, a route or a rule): at most one value per kind. */
export type PoliciesIn<D extends PolicyDefinitions> = { [K in KindIn<D>]?: SpecIn<D, K> };

/** Defines one kind of policy. It returns its argument, with literal types. */
export const definePolicy = <const Kind extends string, Schema extends z.ZodType>(
  definition: PolicyDefinition<Kind, Schema>,
): PolicyDefinition<Kind, Schema> => definition;
