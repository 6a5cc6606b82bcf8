import { addressKind } from '../../model/address.ts';
import type { Configuration } from '../../model/configuration.ts';
import { milliseconds } from '../../model/duration.ts';
import { carries } from '../../model/labels.ts';
import type { Endpoint, Upstream } from '../../model/upstream.ts';
import { pack } from '../envoy/any.ts';
import {
  Cluster,
  Cluster_DiscoveryType,
  Cluster_DnsLookupFamily,
} from '../envoy/gen/envoy/config/cluster/v3/cluster.ts';
import { RoutingPriority } from '../envoy/gen/envoy/config/core/v3/base.ts';
import { ClusterLoadAssignment } from '../envoy/gen/envoy/config/endpoint/v3/endpoint.ts';
import { LbEndpoint } from '../envoy/gen/envoy/config/endpoint/v3/endpoint_components.ts';
import { HttpProtocolOptions } from '../envoy/gen/envoy/extensions/upstreams/http/v3/http_protocol_options.ts';
import { duration, seconds } from './duration.ts';
import { clusterParts } from './names.ts';
import { ads } from './source.ts';

/**
 * Envoy's own bound of 1,024 requests is a default for sidecars, and turns away a busy host's requests with 503. Ours only keeps one
 * tenant from taking every file descriptor; tenants will set their own.
 */
const MOST = 16_384;

/** The upstream, or the subset of it, that a cluster name stands for. Unknown ones have no endpoints, so requests get 503. */
export function cluster(configuration: Configuration, tenant: string, name: string): Cluster {
  const { upstream, members } = find(configuration, name);
  return Cluster.fromPartial({
    name,
    // One name in the statistics for all: Envoy is told by it to keep none of them.
    altStatName: 'tenants',
    ...(hasNames(members) ? dns(name, members, upstream!.port) : discovered(name)),
    connectTimeout:
      upstream?.connectTimeout === undefined ? seconds(5) : duration(milliseconds(upstream.connectTimeout)!),
    circuitBreakers: {
      thresholds: [
        { priority: RoutingPriority.DEFAULT, maxConnections: MOST, maxPendingRequests: MOST, maxRequests: MOST },
      ],
    },
    ...(upstream?.protocol === 'HTTP2' && { typedExtensionProtocolOptions: http2 }),
    metadata: { filterMetadata: { gatehouse: { tenant } } },
  });
}

/** The endpoints of a cluster, or undefined when it resolves DNS names and carries them itself. */
export function endpoints(
  configuration: Configuration,
  _tenant: string,
  name: string,
): ClusterLoadAssignment | undefined {
  const { upstream, members } = find(configuration, name);
  return hasNames(members) ? undefined : assignment(name, members, upstream?.port ?? 0);
}

function find(configuration: Configuration, name: string): { upstream: Upstream | undefined; members: Endpoint[] } {
  const { upstream: target, subset } = clusterParts(name);
  const upstream = configuration.get('upstream', target);
  if (subset === undefined) return { upstream, members: upstream?.endpoints ?? [] };
  const labels = upstream?.subsets?.find((each) => each.name === subset)?.labels;
  return {
    upstream,
    members: labels ? upstream!.endpoints.filter((endpoint) => carries(endpoint.labels, labels)) : [],
  };
}

const hasNames = (members: Endpoint[]): boolean => members.some(({ address }) => addressKind(address) === 'dns');

const discovered = (serviceName: string) => ({
  clusterDiscoveryType: { $case: 'type' as const, value: Cluster_DiscoveryType.EDS },
  edsClusterConfig: { edsConfig: ads, serviceName },
});

const dns = (name: string, members: Endpoint[], port: number) => ({
  clusterDiscoveryType: { $case: 'type' as const, value: Cluster_DiscoveryType.STRICT_DNS },
  // A host without IPv6 must not wait on AAAA records.
  dnsLookupFamily: Cluster_DnsLookupFamily.V4_PREFERRED,
  loadAssignment: assignment(name, members, port),
});

function assignment(clusterName: string, members: Endpoint[], port: number): ClusterLoadAssignment {
  const lbEndpoints = members.map((member) => lbEndpoint(member, port));
  return ClusterLoadAssignment.fromPartial({
    clusterName,
    // gRPC clients leave out a locality without weight; Envoy asks for none.
    endpoints: lbEndpoints.length > 0 ? [{ locality: {}, loadBalancingWeight: 1, lbEndpoints }] : [],
  });
}

function lbEndpoint({ address, port, weight }: Endpoint, defaultPort: number): LbEndpoint {
  return LbEndpoint.fromPartial({
    hostIdentifier: {
      $case: 'endpoint',
      value: {
        address: {
          address: {
            $case: 'socketAddress',
            value: { address, portSpecifier: { $case: 'portValue', value: port ?? defaultPort } },
          },
        },
      },
    },
    ...(weight !== undefined && { loadBalancingWeight: weight }),
  });
}

const http2 = {
  'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': pack(
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
    HttpProtocolOptions,
    HttpProtocolOptions.fromPartial({
      upstreamProtocolOptions: {
        $case: 'explicitHttpConfig',
        value: { protocolConfig: { $case: 'http2ProtocolOptions', value: {} } },
      },
    }),
  ),
};
