import { z } from 'zod';
import { milliseconds, PositiveDuration } from '../values/duration.ts';
import { evenIfInvalid, isObject } from '../values/refine.ts';
import { sparse } from '../values/sparse.ts';

/** Failures after which the upstream has surely not begun to process the request. */
const BEFORE_PROCESSING = ['connect-failure', 'refused-stream', 'reset-before-request'] as const;

const Condition = z.enum([
  ...BEFORE_PROCESSING,
  ...(['reset', '5xx', 'gateway-error', 'retriable-4xx'] as const),
  ...(['cancelled', 'deadline-exceeded', 'internal', 'resource-exhausted', 'unavailable'] as const),
]);

/** The methods that a server may get twice without another effect (RFC 9110 §9.2.2). */
export const IDEMPOTENT = ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'] as const;

/** When and how a failed request is sent again. */
export const Retries = sparse
  .strictObject({
    attempts: z
      .int()
      .min(1)
      .max(10)
      .describe(
        'How often a failed request is sent again, at most: with `2`, upstreams get a request up to three times.',
      ),
    on: z
      .array(z.union([Condition, z.int().min(400).max(599)]))
      .min(1)
      .max(32)
      .optional()
      .describe(
        'The failures after which a request is sent again, as names or status codes of responses. `connect-failure`: no connection. `refused-stream`: an HTTP/2 server refused the request. `reset-before-request`: the connection ended before the request was sent. `reset`: the connection ended, or `perTryTimeout` passed, without a response. `gateway-error`: 502, 503, 504. `5xx`: any 5xx, or no response. `retriable-4xx`: 409. `cancelled`, `deadline-exceeded`, `internal`, `resource-exhausted`, `unavailable`: this gRPC status. Default: `connect-failure`, `refused-stream`, `reset-before-request`, `reset`, 503.',
      ),
    nonIdempotent: z
      .boolean()
      .optional()
      .describe(
        'Whether requests with other methods than GET, HEAD, OPTIONS, TRACE, PUT and DELETE are sent again after every failure in `on`. Default: false. They are then sent again only after `connect-failure`, `refused-stream` and `reset-before-request`, when the upstream has surely not begun to process them, so that no payment happens twice. gRPC calls are POST requests.',
      ),
    perTryTimeout: PositiveDuration.optional().describe(
      'Time until the response to one try is complete. Default: only `timeout` of the rule, which limits all tries together.',
    ),
    backoff: sparse
      .strictObject({ base: PositiveDuration.optional(), max: PositiveDuration.optional() })
      .optional()
      .describe(
        'The pause before a retry: a random time below `base` (default 25ms) before the first, which doubles with each, and is never above `max` (default: 10 times `base`).',
      ),
    hosts: z
      .enum(['other', 'any'])
      .optional()
      .describe(
        '`other`, the default: a retry goes to an endpoint that has not had the request, as long as the load balancer finds one in 5 attempts. `any`: it may go to the same endpoint.',
      ),
  })
  .superRefine((retries, context) => {
    const { backoff } = retries as Record<string, unknown>;
    if (!isObject(backoff)) return;
    const [base, max] = [backoff.base ?? '25ms', backoff.max].map((text) =>
      typeof text === 'string' ? milliseconds(text) : undefined,
    );
    if (base !== undefined && max !== undefined && max < base)
      context.addIssue({
        code: 'custom',
        path: ['backoff', 'max'],
        message: 'must be at least base',
        params: { code: 'conflicting-fields' },
      });
  }, evenIfInvalid(isObject))
  .meta({
    id: 'Retries',
    description:
      'Sends failed requests again. Without this field, each request is sent once. Retries of one upstream that are under way at the same time are limited by its `circuitBreaker`: to 3, unless it has `maxRetries` or `retryBudget`.',
    example: { attempts: 2, on: ['connect-failure', 503], perTryTimeout: '2s' },
  });
export type Retries = z.infer<typeof Retries>;

/** The failures after which a request is sent again, if the rule does not list any. */
export const DEFAULT_ON: NonNullable<Retries['on']> = [...BEFORE_PROCESSING, 'reset', 503];

/** Whether the rule sends requests again that the upstream may have processed, but only those of idempotent methods. */
export const isDividedByMethod = ({ on = DEFAULT_ON, nonIdempotent }: Retries): boolean =>
  !nonIdempotent && on.some((each) => !isBeforeProcessing(each));

/** Whether the upstream has surely not begun to process a request that failed in this way. */
export const isBeforeProcessing = (failure: NonNullable<Retries['on']>[number]): boolean =>
  BEFORE_PROCESSING.some((each) => each === failure);

/**
 * Returns how requests of a method are sent again.
 *
 * @returns undefined when they are sent once
 */
export function retriesOf(
  retries: Retries,
  method: string,
): { attempts: number; on: NonNullable<Retries['on']> } | undefined {
  const isLimited = isDividedByMethod(retries) && !IDEMPOTENT.some((each) => each === method);
  const { attempts, on: all = DEFAULT_ON } = retries;
  const on = isLimited ? all.filter(isBeforeProcessing) : all;
  return on.length === 0 ? undefined : { attempts, on };
}
