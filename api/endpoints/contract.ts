import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import { listing } from '../http/listing.ts';
import { contract } from '../http/route.ts';
import { AGENTS } from '../http/tags.ts';
import {
  EndpointHealth,
  EndpointId,
  HealthReport,
  RegisteredEndpoint,
  RegisteredEndpointList,
  Registration,
} from './schema.ts';

const UpstreamParams = z.object({ tenant: Name, upstream: Name });
const Params = UpstreamParams.extend({ id: EndpointId });
const tag = { name: 'Endpoints', description: 'Endpoints of upstreams that processes register, and their health.' };
const path = '/v1/tenants/{tenant}/upstreams/{upstream}/endpoints';

export const putEndpoint = contract({
  method: 'put',
  path: `${path}/{id}`,
  access: 'endpoint:write',
  operationId: 'putEndpoint',
  tag,
  summary: 'Register an endpoint of an upstream, or renew its registration',
  description:
    'The endpoint gets requests after the endpoints that the upstream itself lists, until it expires or is removed. It is not part of a revision. The same request again renews it.',
  params: Params,
  body: { schema: Registration },
  problems: ['dns-upstream'],
  answers: {
    200: { description: 'The registration was renewed or replaced.', body: RegisteredEndpoint },
    201: { description: 'The endpoint was registered.', body: RegisteredEndpoint },
  },
});
export const listEndpoints = listing({
  path,
  access: 'tenant:read',
  operationId: 'listEndpoints',
  tag,
  summary: 'List the registered endpoints of an upstream',
  params: UpstreamParams,
  response: 'bulk',
  list: RegisteredEndpointList,
  sortedBy: 'id',
});
export const readEndpoint = contract({
  method: 'get',
  path: `${path}/{id}`,
  access: 'tenant:read',
  operationId: 'readEndpoint',
  tag,
  summary: 'Read a registered endpoint',
  params: Params,
  answers: { 200: { description: 'The endpoint.', body: RegisteredEndpoint } },
});
export const deleteEndpoint = contract({
  method: 'delete',
  path: `${path}/{id}`,
  access: 'endpoint:write',
  operationId: 'deleteEndpoint',
  tag,
  summary: 'Remove a registered endpoint',
  params: Params,
  answers: { 204: { description: 'The endpoint was removed. Requests that it is answering continue.' } },
});
export const readHealth = contract({
  method: 'get',
  path: '/v1/tenants/{tenant}/upstreams/{upstream}/health',
  access: 'tenant:read',
  operationId: 'readEndpointHealth',
  tag,
  summary: 'Read the health of the endpoints of an upstream on each node',
  description:
    'Lists the endpoints of upstreams with `healthChecks` or `outlierDetection`, and DNS names that are not resolved, on each connected node that uses the upstream. Each Envoy decides for itself. A change appears after a few seconds.',
  params: UpstreamParams,
  answers: { 200: { description: 'The endpoints, by fleet, node and subset; at most 10,000.', body: EndpointHealth } },
});
export const reportHealth = contract({
  method: 'post',
  path: '/v1/fleets/{fleet}/endpoint-health',
  access: 'fleet:agent',
  operationId: 'reportEndpointHealth',
  tag: AGENTS,
  summary: 'Report the health of endpoints that changed on a node',
  params: z.object({ fleet: Name }),
  body: { schema: HealthReport, size: 'bulk' },
  cost: 1,
  answers: { 204: { description: 'The report was stored.' } },
});
