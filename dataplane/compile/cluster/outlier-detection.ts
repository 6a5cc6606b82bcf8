import type { OutlierDetection as Spec } from '../../../model/upstream/outlier-detection.ts';
import { milliseconds } from '../../../model/values/duration.ts';
import { OutlierDetection } from '../../envoy/gen/envoy/config/cluster/v3/outlier_detection.ts';
import { duration } from '../values/duration.ts';

/** Builds the outlier detection of a cluster. Envoy's other detectors, which compare endpoints, are switched off. */
export function outlierDetection({
  consecutive5xxErrors,
  consecutiveGatewayErrors,
  interval,
  baseEjectionTime,
  maxEjectionTime,
  maxEjectionPercent,
}: Spec): OutlierDetection {
  return OutlierDetection.fromPartial({
    ...(consecutive5xxErrors !== undefined && { consecutive5xx: consecutive5xxErrors }),
    ...(consecutiveGatewayErrors !== undefined && {
      consecutiveGatewayFailure: consecutiveGatewayErrors,
      enforcingConsecutiveGatewayFailure: 100,
    }),
    ...(interval !== undefined && { interval: duration(milliseconds(interval)!) }),
    ...(baseEjectionTime !== undefined && { baseEjectionTime: duration(milliseconds(baseEjectionTime)!) }),
    ...(maxEjectionTime !== undefined && { maxEjectionTime: duration(milliseconds(maxEjectionTime)!) }),
    ...(maxEjectionPercent !== undefined && { maxEjectionPercent: Math.round(maxEjectionPercent) }),
    enforcingSuccessRate: 0,
    alwaysEjectOneHost: true,
  });
}
