import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import type { HeaderName } from '../http/components.ts';
import { listing } from '../http/listing.ts';
import { flag, label, pageQuery, wholeNumber } from '../http/paging.ts';
import { contract } from '../http/route.ts';
import {
  ChangedFleet,
  Fleet,
  FleetCreate,
  FleetList,
  FleetPatch,
  Node,
  NodeList,
  NodePatch,
  RemovedFleet,
  TenantFleetCreate,
} from './schema.ts';

const Params = z.object({ fleet: Name });
const force = z.strictObject({
  force: flag('Apply the change even if it leaves resources of tenants unserved, and list them.'),
});

const tag = { name: 'Fleets', description: 'Sets of Envoys that serve the same gateways.' };
const judged =
  'The API checks every tenant whose gateways the fleet serves, before or after the change. If a part of their configurations would become unserved, the response is 409 and lists these parts. ' +
  'With `force`, the change is applied nevertheless, and the response lists them.';
const waits = 'With `Prefer: wait`, the API responds once every connected node serves the fleet with its new fields.';
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
  problems: ['name-taken', 'fleet-in-use', 'port-taken'],
  answers: {
    201: {
      description: 'The fleet was created. With `Prefer: wait`, it is also live on every connected node.',
      body: ChangedFleet,
      headers: [...writeHeaders, 'Location' as const],
    },
    202: {
      description: 'The fleet was created, but was not live on every connected node at the end of the wait.',
      body: ChangedFleet,
      headers: [...writeHeaders, 'Location' as const],
    },
  },
});
export const listFleets = listing({
  path: '/v1/fleets',
  access: 'operator',
  operationId: 'listFleets',
  tag,
  summary: 'List fleets',
  filters: { label },
  list: FleetList,
  sortedBy: 'name',
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
  access: 'fleet:write',
  operationId: 'patchFleet',
  tag,
  summary: 'Change a fleet',
  params: Params,
  description: `${judged} ${waits} Agents of a fleet that changes start over with a snapshot.`,
  query: force,
  body: { schema: FleetPatch, types: ['application/merge-patch+json', 'application/json'] },
  headers: ['If-Match', 'Prefer'],
  problems: ['fleet-in-use', 'port-taken'],
  answers: {
    200: {
      description: 'The fleet was changed. With `Prefer: wait`, the change is also live on every connected node.',
      body: ChangedFleet,
      headers: writeHeaders,
    },
    202: {
      description: 'The fleet was changed, but the change was not live on every connected node at the end of the wait.',
      body: ChangedFleet,
      headers: writeHeaders,
    },
  },
});
export const deleteFleet = contract({
  method: 'delete',
  path: '/v1/fleets/{fleet}',
  access: 'fleet:write',
  operationId: 'deleteFleet',
  tag,
  summary: 'Delete a fleet',
  description: judged,
  params: Params,
  query: force,
  headers: ['If-Match'],
  problems: ['fleet-in-use', 'port-taken'],
  answers: {
    200: {
      description:
        'The fleet was deleted with `force`, and its agents were disconnected. The body lists the resources that became unserved.',
      body: RemovedFleet,
    },
    204: { description: 'The fleet was deleted, and its agents were disconnected.' },
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
  query: z.strictObject({
    limit: wholeNumber(
      1,
      10_000,
      'Maximum number of nodes. Default: 10,000. A page of nodes with many rejections has fewer.',
    ).optional(),
    cursor: pageQuery.cursor,
  }),
  answers: { 200: { description: 'Every node that an agent has reported.', body: NodeList } },
});
export const patchNode = contract({
  method: 'patch',
  path: '/v1/fleets/{fleet}/nodes/{node}',
  access: 'fleet:write',
  operationId: 'patchNode',
  tag,
  summary: 'Drain an Envoy, or end its drain',
  description:
    'A drained Envoy finishes the requests under way, asks clients to close their connections, and answers the health checks of load balancers with 503. It remains drained when it, its agent or the API restarts.',
  params: Params.extend({ node: z.string().min(1).max(255).describe('The name of the node.') }),
  body: { schema: NodePatch, types: ['application/merge-patch+json', 'application/json'] },
  answers: { 200: { description: 'The node.', body: Node } },
});

const TenantParams = z.object({ tenant: Name });
export const createTenantFleet = contract({
  method: 'post',
  path: '/v1/tenants/{tenant}/fleets',
  access: 'tenant:fleets',
  operationId: 'createTenantFleet',
  tag,
  summary: 'Create a fleet that the tenant manages',
  description:
    'The fleet serves only this tenant, on machines of the tenant. Its name is the name of the tenant, a hyphen, and a name without hyphens, such as `acme-edge`. `/v1/fleets/{fleet}` has the other operations.',
  params: TenantParams,
  query: force,
  body: { schema: TenantFleetCreate },
  headers: ['Idempotency-Key'],
  problems: ['name-taken', 'fleet-in-use', 'port-taken', 'too-many'],
  answers: {
    201: { description: 'The fleet was created.', body: ChangedFleet, headers: ['ETag', 'Location'] },
  },
});
export const listTenantFleets = contract({
  method: 'get',
  path: '/v1/tenants/{tenant}/fleets',
  access: 'tenant:read',
  operationId: 'listTenantFleets',
  tag,
  summary: 'List the fleets that the tenant manages',
  params: TenantParams,
  answers: { 200: { description: 'All of them, sorted by name.', body: FleetList } },
});
