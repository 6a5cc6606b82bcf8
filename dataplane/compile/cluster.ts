import type { Configuration } from '../../model/configuration.ts';
import { deniedRange, type Fleet, isOwnListener, type Listeners } from '../../model/fleet.ts';
import type { Endpoint, Upstream } from '../../model/kinds/upstream.ts';
import { MOST } from '../../model/upstream/circuit-breaker.ts';
import { addressKind } from '../../model/values/address.ts';
import { milliseconds } from '../../model/values/duration.ts';
import { carries } from '../../model/values/labels.ts';
import {
  Cluster,
  Cluster_DiscoveryType,
  Cluster_DnsLookupFamily,
} from '../envoy/gen/envoy/config/cluster/v3/cluster.ts';
import type { ClusterLoadAssignment } from '../envoy/gen/envoy/config/endpoint/v3/endpoint.ts';
import { assignment, type Member } from './cluster/assignment.ts';
import { BUFFER } from './cluster/buffer.ts';
import { circuitBreakers } from './cluster/circuit-breakers.ts';
import { healthChecking } from './cluster/health-check.ts';
import { loadBalancing } from './cluster/load-balancer.ts';
import { mirrorBreaker, mirrorLimits } from './cluster/mirror.ts';
import { outlierDetection } from './cluster/outlier-detection.ts';
import { protocolOptions } from './cluster/protocol.ts';
import { lowered } from './cluster/tenant-share.ts';
import { transportSocket } from './cluster/transport-socket.ts';
import { type Compiled, needsNothing } from './compiled.ts';
import { denying } from './denied.ts';
import { duration, seconds } from './values/duration.ts';
import { parseClusterName } from './values/names.ts';
import { ads } from './values/source.ts';

/** The fleet's rules about the addresses to which requests may be sent. */
export type Destinations = Pick<Fleet, 'denyDestinations'> & {
  /** The sockets of Envoy itself, which are denied too. Absent: none. */
  own?: Listeners;
};

/** Returns the addresses of a DNS name that are known now, in the same order for the same addresses. */
export type Resolve = (host: string) => readonly string[];

/**
 * The largest number of endpoints for one name, and for the names of one cluster together. The owner of a name chooses
 * how many addresses it has, and each is an endpoint in the memory of every Envoy.
 */
const [MOST_PER_NAME, MOST_RESOLVED] = [100, 2000];

/**
 * Builds the cluster of an upstream or of one of its subsets. If the upstream or subset does not exist, or if the fleet
 * denies all its addresses, the cluster has no endpoints and requests get 503.
 *
 * @param configuration the configuration of the tenant that owns the upstream
 * @param tenant the name of that tenant, which is written into the cluster's metadata
 * @param name the name of the cluster, as `clusterName` writes it
 * @param most the highest limit of one cluster of the tenant, see {@link mostPerCluster}
 * @returns the cluster, with the secrets that its TLS settings name; it cannot need other clusters
 */
export function cluster(
  configuration: Configuration,
  tenant: string,
  fleet: Destinations,
  name: string,
  most = MOST,
): Compiled<Cluster> & { needs: { clusters: readonly [] } } {
  const { upstream, members, isMirror } = find(configuration, fleet, name);
  const isLogical = members.some(isName) && upstream?.dns === 'logical';
  const limits = (isMirror ? mirrorBreaker : lowered)(upstream?.circuitBreaker, most);
  const socket = upstream ? transportSocket(upstream, tenant) : { message: undefined, needs: needsNothing };
  const message = Cluster.fromPartial({
    name,
    // All clusters have this name in statistics. The bootstrap excludes it, so Envoy keeps no statistics of them.
    altStatName: 'tenants',
    ...(isLogical ? logicalDns(name, members, upstream!) : discovered(name)),
    connectTimeout:
      upstream?.connectTimeout === undefined ? seconds(5) : duration(milliseconds(upstream.connectTimeout)!),
    circuitBreakers: circuitBreakers(limits),
    perConnectionBufferLimitBytes: BUFFER,
    ...(isMirror && mirrorLimits()),
    ...(upstream && features(upstream, parseClusterName(name).upstream, members.length)),
    transportSocket: socket.message,
    ...protocolOptions(upstream ?? {}, isLogical ? denying(fleet) : [], isMirror),
    metadata: { filterMetadata: { gatehouse: { tenant } } },
  });
  return { message, needs: { clusters: [], secrets: socket.needs.secrets } };
}

/** Builds the fields that only some upstreams have. */
const features = (upstream: Upstream, name: string, endpoints: number): Partial<Cluster> => ({
  ...loadBalancing(upstream.loadBalancer, endpoints),
  ...(upstream.outlierDetection && { outlierDetection: outlierDetection(upstream.outlierDetection) }),
  ...healthChecking(upstream, name),
});

/**
 * Builds the endpoints of a cluster.
 *
 * @param configuration the configuration of the tenant that owns the upstream
 * @param name the name of the cluster, as `clusterName` writes it
 * @param registered the registered endpoints of the upstream, which are IP addresses. They follow the upstream's own.
 *   Of two endpoints with the same address and port, the first counts.
 * @param resolve finds the addresses of DNS names
 * @returns undefined for a cluster with `dns: logical`, which contains its endpoint; no endpoints when the upstream or
 *   subset does not exist, or when the fleet denies all its addresses
 */
export function endpoints(
  configuration: Configuration,
  fleet: Destinations,
  name: string,
  registered: readonly Endpoint[] = [],
  resolve: Resolve = () => [],
): ClusterLoadAssignment | undefined {
  const { upstream, members, isMember } = find(configuration, fleet, name);
  const named = members.filter(isName).length;
  if (named > 0 && upstream?.dns === 'logical') return undefined;
  const added = upstream ? registered.filter(isMember) : [];
  if (named === 0 && added.length === 0) return assignment(name, members, upstream);
  const most = Math.max(1, Math.min(MOST_PER_NAME, Math.floor(MOST_RESOLVED / named)));
  const all = [...members, ...added].flatMap((member) =>
    isName(member) ? resolved(member, member.port ?? upstream?.port ?? 0, fleet, resolve).slice(0, most) : [member],
  );
  return assignment(name, distinct(all, upstream?.port ?? 0), upstream);
}

/** Replaces a name by its addresses, except those that the fleet denies: the owner of a name chooses its addresses. */
function resolved(member: Endpoint, port: number, fleet: Destinations, resolve: Resolve): Member[] {
  const allowed = resolve(member.address).filter((address) => isAllowed(fleet, address, port));
  return allowed.map((address) => ({ ...member, address, hostname: member.address }));
}

/** Removes endpoints whose address and port an earlier one has. */
function distinct(members: readonly Member[], defaultPort: number): Member[] {
  const byAddress = new Map<string, Member>();
  for (const member of members) {
    const key = `${member.address} ${member.port ?? defaultPort}`;
    if (!byAddress.has(key)) byAddress.set(key, member);
  }
  return [...byAddress.values()];
}

function find(
  configuration: Configuration,
  fleet: Destinations,
  name: string,
): {
  upstream: Upstream | undefined;
  members: Endpoint[];
  isMirror: boolean;
  isMember: (endpoint: Endpoint) => boolean;
} {
  const { upstream: target, subset, isMirror = false } = parseClusterName(name);
  const upstream = configuration.get('upstream', target);
  const labels = subset === undefined ? {} : upstream?.subsets?.find((each) => each.name === subset)?.labels;
  const isMember = (endpoint: Endpoint) =>
    labels !== undefined &&
    carries(endpoint.labels, labels) &&
    isAllowed(fleet, endpoint.address, endpoint.port ?? upstream?.port ?? 0) &&
    // Envoy resolves this name, and skips the filter of denied addresses for copies of requests.
    !(isMirror && upstream?.dns === 'logical' && isName(endpoint));
  return { upstream, members: upstream?.endpoints.filter(isMember) ?? [], isMirror, isMember };
}

const isAllowed = (fleet: Destinations, address: string, port: number): boolean =>
  deniedRange(fleet, address) === undefined && !(fleet.own && isOwnListener(fleet.own, address, port));

const isName = ({ address }: Endpoint): boolean => addressKind(address) === 'dns';

const discovered = (serviceName: string) => ({
  clusterDiscoveryType: { $case: 'type' as const, value: Cluster_DiscoveryType.EDS },
  edsClusterConfig: { edsConfig: ads, serviceName },
});

const logicalDns = (name: string, members: Endpoint[], upstream: Upstream) => ({
  clusterDiscoveryType: { $case: 'type' as const, value: Cluster_DiscoveryType.LOGICAL_DNS },
  // A machine without IPv6 must not wait for AAAA records.
  dnsLookupFamily: Cluster_DnsLookupFamily.V4_PREFERRED,
  loadAssignment: assignment(name, members, upstream),
});
