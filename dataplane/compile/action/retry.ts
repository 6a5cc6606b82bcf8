import { DEFAULT_ON, isBeforeProcessing, type Retries } from '../../../model/route/retry.ts';
import { milliseconds } from '../../../model/values/duration.ts';
import { pack } from '../../envoy/any.ts';
import { RetryPolicy } from '../../envoy/gen/envoy/config/route/v3/route_components.ts';
import { PreviousHostsPredicate } from '../../envoy/gen/envoy/extensions/retry/host/previous_hosts/v3/previous_hosts.ts';
import { duration } from '../values/duration.ts';

/** How often the load balancer chooses again before a retry goes to an endpoint that has had the request. */
const CHOICES = 5;

/**
 * Builds the retry policy of a route.
 *
 * @param methods `all`, or `others` for a route of requests that the upstream must not process twice
 * @returns undefined when no request of the route is sent again
 */
export function retryPolicy(retries: Retries, methods: 'all' | 'others' = 'all'): RetryPolicy | undefined {
  const { attempts, on = DEFAULT_ON, perTryTimeout, backoff, hosts = 'other' } = retries;
  const failures = methods === 'all' ? on : on.filter(isBeforeProcessing);
  if (failures.length === 0) return undefined;
  const statuses = failures.filter((each) => typeof each === 'number');
  const names: string[] = failures.filter((each) => typeof each === 'string');
  if (statuses.length > 0) names.push('retriable-status-codes');
  const base = backoff && milliseconds(backoff.base ?? '25ms')!;
  return RetryPolicy.fromPartial({
    retryOn: names.join(','),
    retriableStatusCodes: statuses,
    numRetries: attempts,
    ...(perTryTimeout !== undefined && { perTryTimeout: duration(milliseconds(perTryTimeout)!) }),
    ...(backoff && {
      retryBackOff: {
        baseInterval: duration(base!),
        ...(backoff.max !== undefined && { maxInterval: duration(milliseconds(backoff.max)!) }),
      },
    }),
    ...(hosts === 'other' && { retryHostPredicate: [otherHosts], hostSelectionRetryMaxAttempts: CHOICES }),
  });
}

const otherHosts = {
  name: 'envoy.retry_host_predicates.previous_hosts',
  configType: {
    $case: 'typedConfig' as const,
    value: pack(
      'envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate',
      PreviousHostsPredicate,
      PreviousHostsPredicate.fromPartial({}),
    ),
  },
};
