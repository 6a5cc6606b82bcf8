import { type CircuitBreaker, MOST } from '../../../model/upstream/circuit-breaker.ts';
import { CircuitBreakers } from '../../envoy/gen/envoy/config/cluster/v3/circuit_breaker.ts';
import { RoutingPriority } from '../../envoy/gen/envoy/config/core/v3/base.ts';

/** Builds the limits of a cluster. */
export const circuitBreakers = ({
  maxConnections = MOST,
  maxPendingRequests = MOST,
  maxRequests = MOST,
  maxRetries,
  retryBudget,
}: CircuitBreaker = {}): CircuitBreakers =>
  CircuitBreakers.fromPartial({
    thresholds: [
      {
        priority: RoutingPriority.DEFAULT,
        maxConnections,
        maxPendingRequests,
        maxRequests,
        ...(maxRetries !== undefined && { maxRetries }),
        ...(retryBudget && {
          retryBudget: {
            budgetPercent: { value: retryBudget.percentage },
            minRetryConcurrency: retryBudget.minimum ?? 3,
          },
        }),
      },
    ],
  });
