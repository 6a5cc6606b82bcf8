/** Every kind of policy. One line here adds it to gateways, servers, routes and rules, and to the OpenAPI document. */
import { policiesField } from './field.ts';
import type { KindIn, PoliciesIn, PolicyDefinitions, SpecIn } from './policy.ts';

/** The kinds of policy, in the order in which documents list them. */
export const policyDefinitions = [] as const satisfies PolicyDefinitions;

/** The name of a kind of policy, which is its field under `policies`. */
export type PolicyKind = KindIn<typeof policyDefinitions>;
/** The value of one kind of policy. */
export type PolicySpec<K extends PolicyKind> = SpecIn<typeof policyDefinitions, K>;
/** The value of the `policies` field. */
export type Policies = PoliciesIn<typeof policyDefinitions>;

/** The `policies` field; spread it into the schema of a level. */
export const policies = policiesField(policyDefinitions);
