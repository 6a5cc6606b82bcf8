import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import { wholeNumber } from '../http/paging.ts';
import { contract } from '../http/route.ts';
import { AGENTS, REVISIONS } from '../http/tags.ts';
import { StatusReport } from './report-schema.ts';
import { Status } from './schema.ts';

export const readStatus = contract({
  method: 'get',
  path: '/v1/tenants/{tenant}/revisions/{revision}/status',
  access: 'tenant:read',
  operationId: 'readRevisionStatus',
  tag: REVISIONS,
  summary: 'Read the status of a revision on each fleet and node',
  params: z.object({ tenant: Name, revision: wholeNumber(1, Number.MAX_SAFE_INTEGER, 'Revision number.') }),
  answers: { 200: { description: 'The status of the revision.', body: Status } },
  problems: ['revision-pruned'],
});
/** The number of nodes in a report that count as one more request. */
const NODES_PER_UNIT = 50;

export const reportStatus = contract({
  method: 'post',
  path: '/v1/fleets/{fleet}/status',
  access: 'fleet:agent',
  operationId: 'reportStatus',
  tag: AGENTS,
  summary: 'Report the progress of the nodes of an agent',
  params: z.object({ fleet: Name }),
  body: { schema: StatusReport, size: 'bulk' },
  cost: 1,
  extraCost: ({ nodes }) => Math.floor(nodes.length / NODES_PER_UNIT),
  answers: { 204: { description: 'The report was stored.', headers: ['Gatehouse-Report'] } },
});
