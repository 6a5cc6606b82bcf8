/** The policies in the order in which their filters see a request. Each line of the chain states why it is there. */
import type { PolicyKind } from '../../../model/policies/index.ts';
import type { HttpFilter } from '../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import type { AnyPolicy } from './policy.ts';

const chain = [] as const satisfies readonly AnyPolicy[];

/** The chain. If a kind of policy has no line in it, TypeScript reports an error here that names the kind. */
export const policyChain: Complete<typeof chain> = chain;

/** The filters that policies add to every connection manager, in the order of the chain. */
export const managerFilters = (policies: readonly AnyPolicy[]): HttpFilter[] =>
  policies.flatMap(({ managerFilter }) => managerFilter ?? []);

type Complete<Chain extends readonly AnyPolicy[]> = [Exclude<PolicyKind, Chain[number]['kind']>] extends [never]
  ? Chain
  : Record<Exclude<PolicyKind, Chain[number]['kind']>, 'has no line in the chain'>;
