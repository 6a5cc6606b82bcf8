import type { Fault } from '../../../model/route/fault.ts';
import { milliseconds } from '../../../model/values/duration.ts';
import { pack } from '../../envoy/any.ts';
import { FaultAbort, HTTPFault } from '../../envoy/gen/envoy/extensions/filters/http/fault/v3/fault.ts';
import type { PolicyCompiler } from '../policies/policy.ts';
import { duration } from '../values/duration.ts';
import { fraction } from '../values/fraction.ts';

/** Delays requests, and answers them in place of the upstream. */
export const fault: PolicyCompiler<'fault', Fault> = {
  kind: 'fault',
  filter: ({ delay, abort }) =>
    pack(
      'envoy.extensions.filters.http.fault.v3.HTTPFault',
      HTTPFault,
      HTTPFault.fromPartial({
        ...(delay && {
          delay: {
            faultDelaySecifier:
              delay.fixed === undefined
                ? { $case: 'headerDelay', value: {} }
                : { $case: 'fixedDelay', value: duration(milliseconds(delay.fixed)!) },
            // Without a percentage, Envoy would inject no fault.
            percentage: fraction(delay.percentage ?? 100),
          },
        }),
        ...(abort && {
          abort: FaultAbort.fromPartial({ errorType: errorOf(abort), percentage: fraction(abort.percentage ?? 100) }),
        }),
        // Without it, Envoy would count in statistics under the name of each cluster.
        disableDownstreamClusterStats: true,
      }),
    ),
};

function errorOf({ httpStatus, grpcStatus }: NonNullable<Fault['abort']>): FaultAbort['errorType'] {
  if (httpStatus !== undefined) return { $case: 'httpStatus', value: httpStatus };
  if (grpcStatus !== undefined) return { $case: 'grpcStatus', value: grpcStatus };
  return { $case: 'headerAbort', value: {} };
}
