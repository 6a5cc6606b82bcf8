import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import type { HeaderName } from '../http/components.ts';
import { flag, label, pageQuery } from '../http/paging.ts';
import { contract } from '../http/route.ts';
import { ChangedFleet, Fleet, FleetCreate, FleetList, FleetPatch, NodeList, RemovedFleet } from './schema.ts';

const Params = z.object({ fleet: Name });
const force = z.strictObject({
  force: flag('Apply the change even if it leaves resources of tenants unserved, and list them.'),
});

const tag = { name: 'Fleets', description: 'Envoys that serve the same gateways.' };
const judged =
  'The API checks every tenant whose gateways the fleet serves, before or after the change. If a part of their configurations would become unserved, the response is 409 and lists it; ' +
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
  problems: ['name-taken', 'fleet-in-use', 'host-taken', 'port-taken'],
  answers: {
    201: { description: 'Created.', body: ChangedFleet, headers: [...writeHeaders, 'Location' as const] },
    202: {
      description: 'Created, but not live at the end of the wait.',
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
  answers: { 200: { description: 'A page, sorted by name.', body: FleetList } },
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
  problems: ['fleet-in-use', 'host-taken', 'port-taken'],
  answers: {
    200: {
      description: 'Changed; with `Prefer: wait`, live on every connected node.',
      body: ChangedFleet,
      headers: writeHeaders,
    },
    202: { description: 'Changed, but not live at the end of the wait.', body: ChangedFleet, headers: writeHeaders },
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
  problems: ['fleet-in-use', 'host-taken', 'port-taken'],
  answers: {
    200: { description: 'Deleted with `force`. The API has disconnected its agents.', body: RemovedFleet },
    204: { description: 'Deleted. The API has disconnected its agents.' },
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
