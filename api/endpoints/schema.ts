/** The schemas of registered endpoints in requests and responses. */
import { z } from 'zod';
import { Endpoint } from '../../model/kinds/upstream.ts';
import { MOST_ENDPOINTS } from '../../model/registered-endpoints.ts';
import { addressKind } from '../../model/values/address.ts';
import { milliseconds, PositiveDuration } from '../../model/values/duration.ts';
import { Name } from '../../model/values/name.ts';
import { line, reportedText } from '../../model/values/shown-text.ts';
import { MOST_REPORTED } from '../../wire/endpoint-health.ts';
import { pageOf } from '../view.ts';

/** The shortest TTL, in milliseconds. It is longer than a restart of the API takes. */
const SHORTEST_TTL = 15_000;

export const EndpointId = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/, 'must be letters, digits and inner - _ .')
  .describe('A name that the process chooses, such as the name of its host.');

const { address: Address, port, labels, locality, priority, weight } = Endpoint.shape;
const content = {
  address: Address.refine((address) => addressKind(address) !== 'dns', 'must be an IP address').describe(
    'An IP address.',
  ),
  ...{ port, labels, locality, priority, weight },
  ttl: PositiveDuration.refine(
    (text) => (milliseconds(text) ?? SHORTEST_TTL) >= SHORTEST_TTL,
    'must be at least 15s',
  ).describe(
    'How long the endpoint stays registered without a renewal; at least 15s. A process that renews at a third of this time survives two lost renewals.',
  ),
};

export const Registration = z.strictObject(content).meta({
  id: 'EndpointRegistration',
  description: 'An endpoint that a process registers, and for how long.',
  example: { address: '10.0.0.7', port: 9080, labels: { version: 'v1' }, ttl: '30s' },
});
export type Registration = z.infer<typeof Registration>;

export const RegisteredEndpoint = z
  .object({
    id: EndpointId,
    ...content,
    registeredAt: z.iso.datetime().meta({ description: 'When it was registered with this content.' }),
    expiresAt: z.iso.datetime().meta({ description: 'When it expires unless it is renewed.' }),
  })
  .meta({ id: 'RegisteredEndpoint' });
export type RegisteredEndpointView = z.infer<typeof RegisteredEndpoint>;

export const RegisteredEndpointList = pageOf(RegisteredEndpoint, 'RegisteredEndpointList');

const State = z.enum(['healthy', 'unhealthy', 'ejected', 'unresolved']).meta({
  description:
    '`unhealthy`: the endpoint fails its health check. `ejected`: outlier detection has ejected it for a while. Neither gets requests, unless too few endpoints are left (`panicThreshold`). `unresolved`: the last lookup of the DNS name failed, or the fleet denies all its addresses; `reason` says whether its last good addresses are in use.',
});

const reported = { address: line(254).min(1), port: z.int().min(0).max(65_535) };
const reason = reportedText(256).optional();
const time = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

export const HealthReport = z
  .strictObject({
    node: line(255).min(1),
    isWhole: z.boolean(),
    clusters: z
      .array(
        z.strictObject({
          tenant: Name,
          upstream: Name,
          subset: Name.optional(),
          endpoints: z.array(z.strictObject({ ...reported, state: State, reason, since: time })).max(MOST_ENDPOINTS),
        }),
      )
      .max(MOST_REPORTED),
  })
  .meta({
    id: 'EndpointHealthReport',
    description: 'The health of endpoints that changed on one node.',
    example: {
      node: 'edge-1',
      isWhole: false,
      clusters: [
        {
          tenant: 'bookinfo',
          upstream: 'reviews',
          endpoints: [{ address: '10.0.0.7', port: 9080, state: 'ejected', since: 1_790_000_000_000 }],
        },
      ],
    },
  });

export const EndpointHealth = z
  .object({
    items: z.array(
      z
        .object({
          ...reported,
          subset: z.string().optional().meta({ description: 'Absent for the whole upstream.' }),
          fleet: z.string(),
          node: z.string(),
          state: State,
          reason,
          since: z.iso.datetime().meta({ description: 'When the node was first seen in this state.' }),
        })
        .meta({ id: 'EndpointHealthItem' }),
    ),
  })
  .meta({ id: 'EndpointHealth' });
