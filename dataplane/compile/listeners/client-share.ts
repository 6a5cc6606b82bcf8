/** Bounds how many client connections the filter chains of one tenant can take of an Envoy. */
import type { Configuration } from '../../../model/configuration.ts';
import { MOST } from '../../../model/upstream/circuit-breaker.ts';
import { pack } from '../../envoy/any.ts';
import { Filter, type FilterChain } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import { ConnectionLimit } from '../../envoy/gen/envoy/extensions/filters/network/connection_limit/v3/connection_limit.ts';
import { mostOfEach } from '../cluster/tenant-share.ts';
import type { Compiled } from '../compiled.ts';
import { parseClusterName } from '../values/names.ts';
import { TCP_PROXY } from './tcp-proxy.ts';

type Chain = Pick<Compiled<FilterChain>, 'message' | 'needs'>;

/** Whether a chain forwards connections as they are. Envoy cannot close such a connection merely because it is idle. */
export const forwards = ({ message }: Chain): boolean => message.filters.some(({ name }) => name === TCP_PROXY);

/**
 * Returns the highest limit that one chain of a tenant may have, so that all of its chains that forward connections have
 * at most `share` open connections. Chains whose upstreams take fewer connections leave more to the others.
 *
 * The result is a power of two: so few changes of a tenant change the limits of its other chains, whose connections Envoy
 * would then drain.
 *
 * @param chains the chains of the tenant that forward connections, in all listeners
 */
export function mostPerChain(
  configuration: Configuration,
  tenant: string,
  chains: readonly Chain[],
  share: number,
): number {
  return mostOfEach(
    chains.map((chain) => capacityOf(configuration, tenant, chain)),
    share,
  );
}

/** How many connections the upstreams of a chain take. */
const capacityOf = (configuration: Configuration, tenant: string, { needs }: Chain): number =>
  needs.clusters.reduce((sum, cluster) => {
    const { tenant: owner, upstream: name } = parseClusterName(cluster);
    const found = configuration.find({ kind: 'upstream', name, ...(owner !== tenant && { tenant: owner }) });
    return sum + (found?.circuitBreaker?.maxConnections ?? MOST);
  }, 0);

/** Adds the limit to a chain: Envoy closes connections beyond it at once. */
export const limited = <Each extends Chain>(chain: Each, maxConnections: number): Each => ({
  ...chain,
  message: { ...chain.message, filters: [connectionLimit(maxConnections), ...chain.message.filters] },
});

const connectionLimit = (maxConnections: number): Filter =>
  Filter.fromPartial({
    name: 'envoy.filters.network.connection_limit',
    configType: {
      $case: 'typedConfig',
      value: pack(
        'envoy.extensions.filters.network.connection_limit.v3.ConnectionLimit',
        ConnectionLimit,
        ConnectionLimit.fromPartial({ statPrefix: 'tenants', maxConnections }),
      ),
    },
  });
