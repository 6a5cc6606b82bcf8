import type { Configuration } from '../../../model/configuration.ts';
import type { Destination } from '../../../model/route/destination.ts';
import type { TcpRule } from '../../../model/route/tcp.ts';
import { parseReference } from '../../../model/values/reference.ts';
import { pack } from '../../envoy/any.ts';
import { Filter } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import {
  TcpProxy,
  TcpProxy_WeightedCluster as WeightedCluster,
} from '../../envoy/gen/envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy.ts';
import type { Compiled } from '../compiled.ts';
import { clusterName } from '../values/names.ts';

/** The name of the filter that forwards connections. */
export const TCP_PROXY = 'envoy.filters.network.tcp_proxy';

/** Builds the filter that forwards connections to the destinations of a rule, in proportion to their weights. */
export function tcpProxy(configuration: Configuration, tenant: string, route: TcpRule['route']): Compiled<Filter> {
  const clusters = weightedClusters(configuration, tenant, route);
  const [only, ...more] = clusters;
  const clusterSpecifier: TcpProxy['clusterSpecifier'] =
    more.length > 0
      ? { $case: 'weightedClusters', value: WeightedCluster.fromPartial({ clusters }) }
      : { $case: 'cluster', value: only?.name ?? NOWHERE };
  const message = Filter.fromPartial({
    name: TCP_PROXY,
    configType: {
      $case: 'typedConfig',
      value: pack(
        'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
        TcpProxy,
        TcpProxy.fromPartial({ statPrefix: 'tenants', clusterSpecifier }),
      ),
    },
  });
  return { message, needs: { clusters: clusters.map(({ name }) => name), secrets: [] } };
}

/**
 * Whether connections may go to a destination. Envoy resolves the name of `dns: logical`, and the filter that compares
 * its addresses with the fleet's deny list exists only for HTTP, so such an upstream gets no connections; neither does one
 * for HTTP/3. `model/check/destinations.ts` rejects both.
 */
function isAllowed(configuration: Configuration, { upstream }: Destination): boolean {
  const found = configuration.find({ kind: 'upstream', ...parseReference(upstream) });
  return found !== undefined && found.protocol !== 'HTTP3' && found.dns !== 'logical';
}

/** Returns the clusters of the destinations that get a share of the connections, with their weights. */
export const weightedClusters = (configuration: Configuration, tenant: string, route: TcpRule['route']) =>
  route
    .filter(({ destination, weight }) => weight !== 0 && isAllowed(configuration, destination))
    .map(({ destination, weight = 1 }) => {
      const { tenant: owner = tenant, name } = parseReference(destination.upstream);
      return { name: clusterName(owner, name, destination.subset), weight };
    });

/** A cluster that does not exist: Envoy closes the connection, or drops the datagram. */
export const NOWHERE = 'nowhere';
