import type { Endpoint, Upstream } from '../../../model/kinds/upstream.ts';
import { choosesByHash, MOST_HASHED_PRIORITIES } from '../../../model/upstream/load-balancer.ts';
import { own } from '../../../model/values/own.ts';
import { ClusterLoadAssignment } from '../../envoy/gen/envoy/config/endpoint/v3/endpoint.ts';
import { LbEndpoint, LocalityLbEndpoints } from '../../envoy/gen/envoy/config/endpoint/v3/endpoint_components.ts';

/** An endpoint with its address, and with the DNS name that led to the address. */
export type Member = Endpoint & { hostname?: string };

/** Builds the endpoints of a cluster, grouped by priority and locality. */
export function assignment(
  clusterName: string,
  members: readonly Member[],
  upstream: Pick<Upstream, 'port' | 'loadBalancer'> | undefined,
): ClusterLoadAssignment {
  const weights = upstream?.loadBalancer?.localityWeights;
  const priorities = [...new Set(members.map(priorityOf))].sort((a, b) => a - b);
  const lowest = choosesByHash(upstream?.loadBalancer) ? MOST_HASHED_PRIORITIES - 1 : priorities.length;
  // Envoy accepts no gaps between priorities. A subset may have some.
  const levelOf = (member: Member) => Math.min(priorities.indexOf(priorityOf(member)), lowest);
  const groups = new Map<string, Member[]>();
  for (const member of members) {
    const key = `${levelOf(member)} ${member.locality ?? ''}`;
    const group = groups.get(key);
    if (group) group.push(member);
    else groups.set(key, [member]);
  }
  const endpoints = [...groups.values()].map((group) => {
    const { locality } = group[0]!;
    return LocalityLbEndpoints.fromPartial({
      locality: localityOf(locality),
      // gRPC clients ignore a locality without a weight, as Envoy does once it balances by these weights.
      loadBalancingWeight: (locality === undefined ? undefined : own(weights, locality)) ?? 1,
      priority: levelOf(group[0]!),
      lbEndpoints: group.map((member) => lbEndpoint(member, upstream?.port ?? 0)),
    });
  });
  return ClusterLoadAssignment.fromPartial({ clusterName, endpoints });
}

const priorityOf = ({ priority = 0 }: Endpoint): number => priority;

function localityOf(text = ''): NonNullable<LocalityLbEndpoints['locality']> {
  const [region = '', zone = '', subZone = ''] = text.split('/');
  return { region, zone, subZone };
}

function lbEndpoint({ address, port, weight, hostname }: Member, defaultPort: number): LbEndpoint {
  return LbEndpoint.fromPartial({
    hostIdentifier: {
      $case: 'endpoint',
      value: {
        ...(hostname !== undefined && { hostname }),
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
