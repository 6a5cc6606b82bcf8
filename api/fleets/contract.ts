import { z } from '@hono/zod-openapi';
import { CidrText } from '../../model/values/cidr.ts';
import { Labels } from '../../model/values/labels.ts';
import { Name } from '../../model/values/name.ts';
import type { HeaderName } from '../http/components.ts';
import { flag, label, pageQuery, whole } from '../http/paging.ts';
import { contract } from '../http/route.ts';

const Params = z.object({ fleet: Name });
const port = z.int().min(1).max(65535);

const FleetPort = z
  .strictObject({
    number: port.describe('The port that tenants write in their gateways.'),
    bind: port.describe('What Envoy opens.'),
    protocol: z.enum(['HTTP', 'HTTPS']),
  })
  .meta({ id: 'FleetPort' });
const ports = z
  .array(FleetPort)
  .max(64)
  .refine((all) => new Set(all.map(({ number }) => number)).size === all.length, 'each number once')
  .refine((all) => new Set(all.map(({ bind }) => bind)).size === all.length, 'each bind port once');
const address = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[0-9a-fA-F.:]+$/, 'must be an IP address')
  .describe('What Envoy binds its public ports to; default 0.0.0.0.');
const denyDestinations = z
  .array(CidrText)
  .max(256)
  .describe(
    'Networks no upstream of this fleet may point to, by address or by a name that resolves there. Bits behind a prefix are cleared. ' +
      'Default: loopback, link-local and unspecified addresses.',
  );

const Fleet = z
  .object({
    name: Name,
    labels: Labels,
    ports: z.array(FleetPort),
    address: z.string().optional(),
    tenant: Name.optional(),
    denyDestinations: z.array(z.string()),
    createdAt: z.iso.datetime(),
    seq: z.int().meta({ description: 'Last sequence number of its feed.' }),
  })
  .meta({ id: 'Fleet', description: 'Envoys that serve the same gateways: those whose selector its labels carry.' });
const Stopped = z
  .object({
    tenant: z.string(),
    resource: z.string().meta({ description: '`gateways/edge`.' }),
    path: z.string().meta({ description: "JSON pointer inside that resource's spec; empty = the whole." }),
    code: z.string(),
    message: z.string(),
    hint: z.string().optional(),
  })
  .meta({
    id: 'StoppedServing',
    description: 'A tenant’s resource, or a part of it, that the fleet no longer serves since this change.',
  });
const stopped = {
  stopped: z
    .array(Stopped)
    .optional()
    .meta({ description: 'Of a forced change: what it left unserved, at most 1,000.' }),
  stoppedCount: z.int().optional().meta({ description: 'How many there are of those.' }),
};
const ChangedFleet = Fleet.extend(stopped).meta({ id: 'ChangedFleet' });
const RemovedFleet = z.object(stopped).meta({ id: 'RemovedFleet' });
const force = z.strictObject({
  force: flag('Apply the change even if it leaves resources of tenants unserved, and list them.'),
});

const FleetCreate = z
  .strictObject({
    name: Name,
    labels: Labels.optional(),
    ports,
    address: address.optional(),
    tenant: Name.optional().describe('Dedicates the fleet to one tenant.'),
    denyDestinations: denyDestinations.optional(),
  })
  .meta({ id: 'FleetCreate' });
const FleetPatch = z
  .strictObject({
    labels: Labels.optional(),
    ports: ports.optional(),
    address: address.optional(),
    tenant: Name.nullable().optional().describe('Dedicates the fleet to one tenant; null opens it to all.'),
    denyDestinations: denyDestinations.optional(),
  })
  .meta({ id: 'FleetPatch', description: 'Each given member replaces the stored one completely.' });
const FleetList = z.object({ items: z.array(Fleet), next: z.string().optional() }).meta({ id: 'FleetList' });

const ListenerRejection = z
  .strictObject({
    listener: z.string().max(255),
    port: port.optional().describe('The port that tenants write in their gateways.'),
    message: z.string().max(4096).describe("Envoy's own words."),
  })
  .meta({
    id: 'ListenerRejection',
    description:
      'A listener that the node does not serve, most often because its port cannot be bound. The agent retries until it can.',
  });
const Node = z
  .object({
    name: z.string(),
    agent: z.string(),
    version: z.string(),
    connected: z.boolean(),
    acked: z.int().meta({ description: 'Every change up to this sequence number is acknowledged.' }),
    live: z.int().meta({ description: 'Every change up to this sequence number was seen through the proxy.' }),
    lastSeenAt: z.iso.datetime(),
    rejections: z.array(ListenerRejection).meta({ description: 'Listeners that the node rejected.' }),
  })
  .meta({ id: 'Node', description: 'One Envoy, as its agent last reported it.' });
const NodeList = z.object({ items: z.array(Node) }).meta({ id: 'NodeList' });

const text = z.string().max(4096);
const sequence = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const StatusReport = z
  .strictObject({
    agent: z.string().min(1).max(255),
    nodes: z
      .array(
        z
          .strictObject({
            node: z.string().min(1).max(255),
            version: z.string().max(255),
            connected: z.boolean(),
            acked: sequence,
            live: sequence,
            rejections: z
              .array(
                z
                  .strictObject({
                    tenant: Name,
                    revision: sequence,
                    from: sequence
                      .optional()
                      .describe(
                        'First revision the rejection may concern: it concerns those up to `revision` that changed `resource`; 0 = the last that did.',
                      ),
                    over: z
                      .literal(true)
                      .optional()
                      .describe('The rejection is over, but the change of this revision was never served.'),
                    superseded: z
                      .literal(true)
                      .optional()
                      .describe('No node rejected it: a later revision overwrote the change before it was sent.'),
                    resource: z.string().max(255),
                    path: text,
                    message: text,
                  })
                  .meta({ id: 'Rejection' }),
              )
              .max(1000),
            listenerRejections: z.array(ListenerRejection).max(100).optional(),
          })
          .meta({ id: 'NodeReport' }),
      )
      .max(1000),
  })
  .meta({ id: 'StatusReport', description: 'Where every node of one agent is.' });

const FeedPage = z
  .object({
    events: z.array(
      z
        .object({ type: z.enum(['fleet', 'snapshot', 'tenant', 'leave', 'snapshot-end']) })
        .catchall(z.unknown())
        .meta({ id: 'FeedEvent' }),
    ),
    cursor: z.int(),
  })
  .meta({ id: 'FeedPage' });

const tag = 'Fleets';
const judged =
  'The API checks every tenant whose gateways the fleet serves, before or after the change. If a part of theirs would be unserved, the response is 409 and names it; ' +
  'with `force` the change is applied, and the response lists it.';
const waits = 'With `Prefer: wait`, the response comes once every connected node serves the new rules.';
const writeHeaders: readonly HeaderName[] = ['ETag', 'Gatehouse-Status', 'Preference-Applied', 'Link'];

export const createFleet = contract({
  method: 'post',
  path: '/v1/fleets',
  access: 'operator',
  operationId: 'createFleet',
  tag,
  summary: 'Create a fleet',
  description: `${judged} ${waits}`,
  query: force,
  body: { schema: FleetCreate },
  headers: ['Prefer', 'Idempotency-Key'],
  problems: ['name-taken', 'fleet-in-use', 'host-taken'],
  answers: {
    201: { description: 'Created.', body: ChangedFleet, headers: [...writeHeaders, 'Location' as const] },
    202: {
      description: 'Created, but not live within the time waited.',
      body: ChangedFleet,
      headers: [...writeHeaders, 'Location' as const],
    },
  },
});
export const listFleets = contract({
  method: 'get',
  path: '/v1/fleets',
  access: 'operator',
  operationId: 'listFleets',
  tag,
  summary: 'List fleets',
  query: z.strictObject({ ...pageQuery, label }),
  answers: { 200: { description: 'A page, by name.', body: FleetList } },
});
export const readFleet = contract({
  method: 'get',
  path: '/v1/fleets/{fleet}',
  access: 'fleet:read',
  operationId: 'readFleet',
  tag,
  summary: 'Read a fleet',
  params: Params,
  answers: { 200: { description: 'The fleet.', body: Fleet, headers: ['ETag'] } },
});
export const patchFleet = contract({
  method: 'patch',
  path: '/v1/fleets/{fleet}',
  access: 'operator',
  operationId: 'patchFleet',
  tag,
  summary: 'Change a fleet',
  params: Params,
  description: `${judged} ${waits} Agents of a fleet that changes start over with a snapshot.`,
  query: force,
  body: { schema: FleetPatch, types: ['application/merge-patch+json', 'application/json'] },
  headers: ['If-Match', 'Prefer'],
  problems: ['fleet-in-use', 'host-taken'],
  answers: {
    200: {
      description: 'Changed; with `Prefer: wait`, live on every connected node.',
      body: ChangedFleet,
      headers: writeHeaders,
    },
    202: { description: 'Changed, but not live within the time waited.', body: ChangedFleet, headers: writeHeaders },
  },
});
export const deleteFleet = contract({
  method: 'delete',
  path: '/v1/fleets/{fleet}',
  access: 'operator',
  operationId: 'deleteFleet',
  tag,
  summary: 'Delete a fleet',
  description: judged,
  params: Params,
  query: force,
  headers: ['If-Match'],
  problems: ['fleet-in-use', 'host-taken'],
  answers: {
    200: { description: 'Deleted by force; its agents are cut off.', body: RemovedFleet },
    204: { description: 'Deleted; its agents are cut off.' },
  },
});
export const listNodes = contract({
  method: 'get',
  path: '/v1/fleets/{fleet}/nodes',
  access: 'fleet:read',
  operationId: 'listNodes',
  tag,
  summary: "List a fleet's Envoys",
  params: Params,
  answers: { 200: { description: 'Every node that has reported.', body: NodeList } },
});
export const reportStatus = contract({
  method: 'post',
  path: '/v1/fleets/{fleet}/status',
  access: 'fleet:agent',
  operationId: 'reportStatus',
  tag: 'Agents',
  summary: 'Tell where the nodes of an agent are',
  params: Params,
  body: { schema: StatusReport, size: 'bulk' },
  answers: { 204: { description: 'Noted.' } },
});
export const feed = contract({
  method: 'get',
  path: '/v1/fleets/{fleet}/feed',
  access: 'fleet:agent',
  operationId: 'readFeed',
  tag: 'Agents',
  summary: 'What a fleet serves, as it changes',
  params: Params,
  description:
    'With `Accept: application/x-ndjson` a stream of events, one a line, blank lines as heartbeats. Otherwise one page, after at most `wait` seconds. ' +
    'Without `after`, or with one that is too old, it starts with a snapshot.',
  query: z.strictObject({
    after: whole(0, Number.MAX_SAFE_INTEGER, 'Cursor: the sequence number last applied.').optional(),
    wait: whole(0, 60, 'Seconds to wait for something new; not for streams.').optional(),
  }),
  problems: ['not-acceptable'],
  answers: { 200: { description: 'A page of events; or a stream of them.', body: FeedPage } },
});
