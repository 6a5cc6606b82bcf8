import { z } from 'zod';
import { Duration, PositiveDuration } from '../values/duration.ts';
import { Percentage } from '../values/percentage.ts';
import { evenIfInvalid, isObject } from '../values/refine.ts';
import { CookieName, HashKey } from './hash-key.ts';
import { Locality } from './locality.ts';

const Policy = z.enum(['ROUND_ROBIN', 'LEAST_REQUEST', 'RANDOM', 'RING_HASH', 'MAGLEV']);

/** The policies that choose an endpoint by a hash of the request. */
const hashing = new Set<unknown>(['RING_HASH', 'MAGLEV']);

const SessionAffinity = z
  .strictObject({
    cookie: CookieName.describe(
      'The name of the cookie that the gateway sets. It differs from the cookies that your application sets.',
    ),
    ttl: Duration.optional().describe('Lifetime of the cookie. Default: until the browser is closed.'),
    path: z
      .string()
      .max(1024)
      .regex(/^\/[!-:<-~]*$/, 'must begin with / and have no spaces or semicolons')
      .optional()
      .describe('Default `/`.'),
  })
  .meta({
    id: 'SessionAffinity',
    description:
      'Sends all requests of a client to the same endpoint while the endpoints stay the same. The gateway sets a cookie with a random value (`HttpOnly`) and chooses the endpoint by a hash of it, so any Envoy of any fleet chooses the same endpoint. When an endpoint is added or removed, few clients change their endpoint.',
    example: { cookie: 'backend', ttl: '1h' },
  });

const SlowStart = z
  .strictObject({
    window: PositiveDuration.describe('A new endpoint gets its full share after this time.'),
    aggression: z
      .number()
      .min(0.1)
      .max(10)
      .optional()
      .describe('Default 1: the share grows linearly. With a larger number it grows faster at the beginning.'),
    minWeight: Percentage.optional().describe(
      'Share of its weight with which an endpoint begins, in percent; default 10.',
    ),
  })
  .meta({ id: 'SlowStart', description: 'Gives new endpoints a share of the traffic that grows over time.' });

export const LoadBalancer = z
  .strictObject({
    policy: Policy.optional().describe(
      'Default ROUND_ROBIN; with `sessionAffinity`, RING_HASH. LEAST_REQUEST compares two random endpoints and chooses the one with fewer open requests. RING_HASH and MAGLEV choose by a hash of the request; they distinguish four priorities of endpoints, and the lower ones count as the fourth.',
    ),
    hash: z
      .array(HashKey)
      .min(1)
      .max(8)
      .optional()
      .describe(
        'The first key that the request has decides. A request without any of the keys goes to a random endpoint. Needs RING_HASH or MAGLEV.',
      ),
    sessionAffinity: SessionAffinity.optional(),
    localityWeights: z
      .record(Locality, z.int().min(1).max(10_000))
      .refine((weights) => Object.keys(weights).length <= 64, 'must be at most 64 localities')
      .optional()
      .describe(
        'Shares of the localities among endpoints of the same priority: `{ "eu/a": 80, "eu/b": 20 }`. A locality whose endpoints become unhealthy gives its share to the others. Default per locality: 1.',
      ),
    slowStart: SlowStart.optional().describe('Needs ROUND_ROBIN or LEAST_REQUEST.'),
    panicThreshold: Percentage.optional().describe(
      'When fewer endpoints than this percentage are healthy, requests go to all endpoints, healthy or not; default 50. With 0, requests get 503 once no endpoint is healthy.',
    ),
  })
  .superRefine((balancer, context) => {
    const { policy, hash, sessionAffinity, slowStart } = balancer;
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message, params: { code: 'policy-mismatch' } });
    if (hash !== undefined && sessionAffinity !== undefined)
      wrong('hash', 'excludes sessionAffinity, which chooses by a hash of its own cookie');
    const hashes = choosesByHash(balancer);
    if (hashes && hash === undefined && sessionAffinity === undefined)
      wrong('policy', `${policy} needs \`hash\` or \`sessionAffinity\``);
    if (!hashes && hash !== undefined) wrong('hash', 'needs the policy RING_HASH or MAGLEV');
    if (!hashes && sessionAffinity !== undefined) wrong('sessionAffinity', 'needs the policy RING_HASH or MAGLEV');
    if (slowStart !== undefined && (hashes || policy === 'RANDOM'))
      wrong('slowStart', 'needs the policy ROUND_ROBIN or LEAST_REQUEST');
  }, evenIfInvalid(isObject))
  .meta({ id: 'LoadBalancer', description: 'How the gateway chooses the endpoint of a request.' });
export type LoadBalancer = z.infer<typeof LoadBalancer>;

/** Whether the endpoint of a request is chosen by a hash, for which Envoy keeps a table per priority. */
export const choosesByHash = ({ policy, sessionAffinity }: LoadBalancer = {}): boolean =>
  hashing.has(policy) || (policy === undefined && sessionAffinity !== undefined);

/** How many priorities an upstream has whose endpoints are chosen by a hash. Lower ones count as the last of these. */
export const MOST_HASHED_PRIORITIES = 4;
