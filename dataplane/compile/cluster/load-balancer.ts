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
 * The size of Envoy's table of a hash policy, per cluster. Envoy's own limit for a ring, 8 million entries, would let
 * one tenant use hundreds of megabytes.
 */
const RING = { minimumRingSize: 1024, maximumRingSize: 16_384 };
/** A prime number, as Maglev needs it. It exceeds the largest number of endpoints by a factor of eight. */
const TABLE = { tableSize: 16_381 };

/** Builds the fields of a cluster that choose the endpoint of a request. */
export function loadBalancing(balancer: LoadBalancer | undefined): Partial<Cluster> {
  if (!balancer) return {};
  const { panicThreshold, localityWeights } = balancer;
  return {
    ...policyOf(balancer),
    ...((panicThreshold !== undefined || localityWeights) && {
      commonLbConfig: Cluster_CommonLbConfig.fromPartial({
        ...(panicThreshold !== undefined && { healthyPanicThreshold: { value: panicThreshold } }),
        ...(localityWeights && { localityConfigSpecifier: { $case: 'localityWeightedLbConfig' as const, value: {} } }),
      }),
    }),
  };
}

function policyOf({ policy, sessionAffinity, slowStart }: LoadBalancer): Partial<Cluster> {
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
        lbConfig: { $case: 'ringHashLbConfig', value: { ...RING, hashFunction: 0 } },
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
