import type { LoadBalancer } from '../../../model/upstream/load-balancer.ts';
import { milliseconds } from '../../../model/values/duration.ts';
import {
  type Cluster,
  Cluster_CommonLbConfig,
  type Cluster_SlowStartConfig,
  Cluster_LbPolicy as Policy,
} from '../../envoy/gen/envoy/config/cluster/v3/cluster.ts';
import { duration } from '../values/duration.ts';

/**
 * The size of Envoy's ring, of which a cluster has one per priority. An entry needs 32 bytes. A ring is larger than the
 * minimum when it has more endpoints, or very different weights: two endpoints of weights 1 and 10,000 fill any ring.
 * Such weights get large rings only in clusters whose endpoints need as much memory.
 */
const ringSize = (endpoints: number) => ({
  minimumRingSize: 1024,
  maximumRingSize: endpoints < MANY_ENDPOINTS ? 2048 : 16_384,
});
/** A change beyond this number replaces the cluster, so it is one that few upstreams have. */
const MANY_ENDPOINTS = 500;
/** A prime number, as Maglev needs it. It exceeds the largest number of endpoints by a factor of eight. */
const TABLE = { tableSize: 16_381 };

/**
 * Builds the fields of a cluster that choose the endpoint of a request.
 *
 * @param endpoints the number of endpoints in the configuration
 */
export function loadBalancing(balancer: LoadBalancer | undefined, endpoints: number): Partial<Cluster> {
  if (!balancer) return {};
  const { panicThreshold, localityWeights } = balancer;
  return {
    ...policyOf(balancer, endpoints),
    ...((panicThreshold !== undefined || localityWeights) && {
      commonLbConfig: Cluster_CommonLbConfig.fromPartial({
        ...(panicThreshold !== undefined && { healthyPanicThreshold: { value: panicThreshold } }),
        ...(localityWeights && { localityConfigSpecifier: { $case: 'localityWeightedLbConfig' as const, value: {} } }),
      }),
    }),
  };
}

function policyOf({ policy, sessionAffinity, slowStart }: LoadBalancer, endpoints: number): Partial<Cluster> {
  const slowStartConfig = slowStart && slowStartOf(slowStart);
  switch (policy ?? (sessionAffinity ? 'RING_HASH' : 'ROUND_ROBIN')) {
    case 'ROUND_ROBIN':
      return slowStartConfig ? { lbConfig: { $case: 'roundRobinLbConfig', value: { slowStartConfig } } } : {};
    case 'LEAST_REQUEST':
      return {
        lbPolicy: Policy.LEAST_REQUEST,
        ...(slowStartConfig && {
          lbConfig: {
            $case: 'leastRequestLbConfig',
            value: { slowStartConfig, choiceCount: undefined, activeRequestBias: undefined },
          },
        }),
      };
    case 'RANDOM':
      return { lbPolicy: Policy.RANDOM };
    case 'RING_HASH':
      return {
        lbPolicy: Policy.RING_HASH,
        lbConfig: { $case: 'ringHashLbConfig', value: { ...ringSize(endpoints), hashFunction: 0 } },
      };
    case 'MAGLEV':
      return { lbPolicy: Policy.MAGLEV, lbConfig: { $case: 'maglevLbConfig', value: TABLE } };
  }
}

const slowStartOf = ({
  window,
  aggression,
  minWeight,
}: NonNullable<LoadBalancer['slowStart']>): Cluster_SlowStartConfig => ({
  slowStartWindow: duration(milliseconds(window)!),
  // Envoy requires a key of its runtime settings. Nothing sets this one.
  aggression: aggression === undefined ? undefined : { defaultValue: aggression, runtimeKey: 'gatehouse.unset' },
  minWeightPercent: minWeight === undefined ? undefined : { value: minWeight },
});
