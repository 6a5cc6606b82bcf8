import { z } from 'zod';
import { milliseconds, PositiveDuration } from '../values/duration.ts';
import { exactlyOne } from '../values/exactly-one.ts';
import { HeaderValue, MutableHeaderName } from '../values/header.ts';

/** The most checks per second that one upstream may cause in one Envoy, whose main thread performs them. */
export const CHECKS_PER_SECOND = 200;

/** Envoy acknowledges a cluster after the first check of each endpoint, which lasts up to the timeout. */
const LONGEST_TIMEOUT_MS = 60_000;

const DEFAULT_INTERVAL = '10s';

const Authority = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9._:[\]-]+$/, 'must be a host name or an IP address, with or without a port');

const Status = z.int().min(100).max(599);

const HttpCheck = z
  .strictObject({
    path: z
      .string()
      .min(1)
      .max(1024)
      .regex(/^\/[!-~]*$/, 'must begin with / and have no spaces'),
    host: Authority.optional().describe('The Host header; default: the name of the upstream.'),
    method: z.enum(['GET', 'HEAD', 'OPTIONS']).optional().describe('Default GET.'),
    statuses: z.array(Status).min(1).max(32).optional().describe('The statuses of a healthy endpoint; default 200.'),
    headers: z
      .record(MutableHeaderName, HeaderValue)
      .refine((headers) => Object.keys(headers).length <= 16, 'must be at most 16 headers')
      .optional()
      .describe('Headers of the request.'),
  })
  .meta({ id: 'HttpHealthCheck' });

const Payload = z.string().min(1).max(1024);

const TcpCheck = z
  .strictObject({
    send: Payload.optional().describe('Text to send. Default: the check only connects.'),
    receive: Payload.optional().describe('Text that the answer must contain.'),
  })
  .meta({ id: 'TcpHealthCheck' });

const GrpcCheck = z
  .strictObject({
    service: z
      .string()
      .max(256)
      .regex(/^[!-~]*$/, 'must be the name of a gRPC service')
      .optional()
      .describe('Default: the whole server.'),
    authority: Authority.optional().describe('The authority; default: the name of the upstream.'),
  })
  .meta({
    id: 'GrpcHealthCheck',
    description: 'Calls `grpc.health.v1.Health/Check`. Needs an upstream with HTTP2 or GRPC.',
  });

const atLeast = (limit: number) =>
  PositiveDuration.refine((text) => (milliseconds(text) ?? limit) >= limit, `must be at least ${limit}ms`);

export const HealthCheck = z
  .strictObject({
    http: HttpCheck.optional(),
    tcp: TcpCheck.optional(),
    grpc: GrpcCheck.optional(),
    interval: atLeast(1000)
      .optional()
      .describe(
        `Time between two checks of an endpoint; default ${DEFAULT_INTERVAL}, at least 1s. An upstream may cause ${CHECKS_PER_SECOND} checks per second and Envoy: one per endpoint, and one more per subset that has the endpoint.`,
      ),
    timeout: atLeast(100)
      .refine(
        (text) => (milliseconds(text) ?? 0) <= LONGEST_TIMEOUT_MS,
        'must be at most 60s: a change of the upstream is live only after the first check of each endpoint',
      )
      .optional()
      .describe(
        'Default 1s, at least 100ms, at most 60s. A change of the upstream is live only after the first check of each endpoint.',
      ),
    unhealthyThreshold: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('An endpoint becomes unhealthy after this many failed checks; default 2. A 503 counts as all of them.'),
    healthyThreshold: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('An unhealthy endpoint becomes healthy after this many checks; default 2. At the start one is enough.'),
    port: z.int().min(1).max(65_535).optional().describe('Default: the port of the endpoint.'),
  })
  .superRefine(exactlyOne('http', 'tcp', 'grpc'))
  .meta({
    id: 'HealthCheck',
    description: 'A check that each Envoy performs on each endpoint while a host that uses the upstream is in use.',
    example: { http: { path: '/healthz' }, interval: '5s' },
  });
export type HealthCheck = z.infer<typeof HealthCheck>;

const HOUR_MS = 3_600_000;

/**
 * Counts the health checks that an upstream causes per hour in one Envoy, rounded up.
 *
 * @param endpoints the endpoints, each once for the upstream and again for each subset that selects it
 */
export function checksPerHour(
  { healthChecks = [] }: { healthChecks?: HealthCheck[] | undefined },
  endpoints: number,
): number {
  return healthChecks.reduce((sum, each) => sum + Math.ceil((endpoints * HOUR_MS) / intervalOf(each)), 0);
}

/** Returns the time between two checks of an endpoint, in milliseconds. */
export const intervalOf = ({ interval = DEFAULT_INTERVAL }: Pick<HealthCheck, 'interval'>): number =>
  milliseconds(interval)!;
