import { z } from 'zod';
import { Percentage } from '../values/percentage.ts';

/**
 * The limit of the platform on connections, and on requests, of one cluster. Envoy's default of 1,024 suits sidecars,
 * but at the edge a busy host would exceed it and get 503. The agent lowers this limit for tenants with many upstreams.
 */
export const MOST = 16_384;

const Limit = z.int().min(1).max(MOST);

export const CircuitBreaker = z
  .strictObject({
    maxConnections: Limit.optional().describe('Open connections.'),
    maxPendingRequests: Limit.optional().describe('Requests that wait for a connection.'),
    maxRequests: Limit.optional().describe('Requests under way.'),
    maxRetries: z.int().min(0).max(MOST).optional().describe('Retries under way; default 3.'),
    retryBudget: z
      .strictObject({
        percentage: Percentage.describe('The share of the requests under way that may be retries.'),
        minimum: z.int().min(0).max(MOST).optional().describe('Retries that are always allowed; default 3.'),
      })
      .optional()
      .describe('Limits retries by the number of requests under way, in place of `maxRetries`.'),
  })
  .refine((limits) => limits.maxRetries === undefined || limits.retryBudget === undefined, {
    path: ['retryBudget'],
    message: 'excludes maxRetries',
    params: { code: 'conflicting-fields' },
  })
  .meta({
    id: 'CircuitBreaker',
    description: `Limits of one Envoy for this upstream, and for each of its subsets. A request beyond a limit gets 503. Each limit is at most ${MOST}, which is also the default. It is lower for tenants with many upstreams, which share the connections of an Envoy.`,
    example: { maxConnections: 100, maxPendingRequests: 50 },
  });
export type CircuitBreaker = z.infer<typeof CircuitBreaker>;
