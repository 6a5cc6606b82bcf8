import type { PolicyKind, PolicySpec } from '../../../model/policies/index.ts';
import type { HttpFilter } from '../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import type { Any } from '../../envoy/gen/google/protobuf/any.ts';

/** The route for which a policy is compiled. */
interface At {
  tenant: string;
  /** The name of the route, which is unique in its host: `<route>/<index of the rule>/<index of the match>`. */
  route: string;
}

/** How one kind of policy becomes an HTTP filter of a route. */
export interface PolicyCompiler<Kind extends string, Spec> {
  kind: Kind;
  /**
   * Builds the configuration of the filter, as a packed message. The filter runs in the route's own chain, inside
   * `composite`. If the policy has a `managerFilter`, the result is the route's configuration of that filter instead.
   */
  filter(spec: Spec, at: At): Any;
  /** Returns the names of the clusters that the filter calls. The agent sends them before the route. */
  clusters?(spec: Spec, at: At): readonly string[];
  /** Returns the names of the secrets that the filter reads. */
  secrets?(spec: Spec, at: At): readonly string[];
  /**
   * The filter of every connection manager, for a filter that Envoy does not accept inside `composite`. The filter must
   * do nothing on routes that do not configure it.
   */
  managerFilter?: HttpFilter;
}

/**
 * The {@link PolicyCompiler} of a kind that `model/policies/index.ts` lists. Each file of a policy in this folder exports
 * one.
 *
 * @public
 */
export type Policy<K extends PolicyKind> = PolicyCompiler<K, PolicySpec<K>>;

/** A compiler of any kind, for lists. Call it only with a policy of its own `kind`. */
// biome-ignore lint/suspicious/noExplicitAny: each entry takes the value of its own kind
export type AnyPolicy = PolicyCompiler<string, any>;
