import type { PolicyKind, PolicySpec } from '../../../model/policies/index.ts';
import type { HttpFilter } from '../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import type { Any } from '../../envoy/gen/google/protobuf/any.ts';

/** The route that a policy is compiled for. */
interface At {
  tenant: string;
  /** The name of the route, which is unique in its host: `<route>/<index of the rule>/<index of the match>`. */
  route: string;
}

/** How one kind of policy becomes an HTTP filter of a route. */
export interface PolicyCompiler<Kind extends string, Spec> {
  kind: Kind;
  /**
   * The configuration of the filter. It runs in the route's own chain, inside `composite`. With a `managerFilter`, it
   * is the route's configuration of that filter instead.
   */
  filter(spec: Spec, at: At): Any;
  /** Names of the clusters that the filter calls: they are in Envoy before the route. */
  clusters?(spec: Spec, at: At): readonly string[];
  /** Names of the secrets that the filter reads. */
  secrets?(spec: Spec, at: At): readonly string[];
  /**
   * A filter that every connection manager has, for filters that Envoy does not accept inside `composite`. It must do
   * nothing on routes without a configuration of their own.
   */
  managerFilter?: HttpFilter;
}

/**
 * {@link PolicyCompiler} for a kind that `model/policies/index.ts` lists: what a file beside this one exports.
 *
 * @public
 */
export type Policy<K extends PolicyKind> = PolicyCompiler<K, PolicySpec<K>>;

/** A compiler of any kind, in a list: its own kind says what it may be given. */
// biome-ignore lint/suspicious/noExplicitAny: each entry takes the value of its own kind
export type AnyPolicy = PolicyCompiler<string, any>;
