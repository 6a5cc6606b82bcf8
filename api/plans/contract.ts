import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import { listing } from '../http/listing.ts';
import { contract } from '../http/route.ts';
import { Plan, PlanList, PlanWrite, TenantPlan, Usage } from './schema.ts';

const Params = z.object({ plan: Name });
const TenantParams = z.object({ tenant: Name });
const tag = { name: 'Plans', description: 'Limits of tenants, and how much of them each tenant uses.' };

export const listPlans = listing({
  path: '/v1/plans',
  access: 'operator',
  operationId: 'listPlans',
  tag,
  summary: 'List plans',
  list: PlanList,
  sortedBy: 'name',
});
export const readPlan = contract({
  method: 'get',
  path: '/v1/plans/{plan}',
  access: 'operator',
  operationId: 'readPlan',
  tag,
  summary: 'Read a plan',
  params: Params,
  answers: { 200: { description: 'The plan.', body: Plan, headers: ['ETag'] } },
});
export const putPlan = contract({
  method: 'put',
  path: '/v1/plans/{plan}',
  access: 'operator',
  operationId: 'putPlan',
  tag,
  summary: 'Create or replace a plan',
  description:
    'Tenants without another plan have the plan `default`. If a tenant already uses more than a new limit, it keeps what it has, and can make every change that does not add to it.',
  params: Params,
  body: { schema: PlanWrite },
  headers: ['If-Match', 'If-None-Match'],
  answers: {
    200: { description: 'The plan was replaced.', body: Plan, headers: ['ETag'] },
    201: { description: 'The plan was created.', body: Plan, headers: ['ETag', 'Location'] },
  },
});
export const deletePlan = contract({
  method: 'delete',
  path: '/v1/plans/{plan}',
  access: 'operator',
  operationId: 'deletePlan',
  tag,
  summary: 'Delete a plan that no tenant has',
  description: 'The deletion of the plan `default` gives it the limits of the settings.',
  params: Params,
  headers: ['If-Match'],
  problems: ['plan-in-use'],
  answers: { 204: { description: 'The plan was deleted.' } },
});
export const putTenantPlan = contract({
  method: 'put',
  path: '/v1/tenants/{tenant}/plan',
  access: 'operator',
  operationId: 'putTenantPlan',
  tag,
  summary: 'Give a tenant a plan',
  params: TenantParams,
  body: { schema: TenantPlan },
  problems: ['precondition-failed'],
  answers: { 200: { description: 'The tenant has the plan.', body: TenantPlan } },
});
export const readUsage = contract({
  method: 'get',
  path: '/v1/tenants/{tenant}/usage',
  access: 'tenant:read',
  operationId: 'readUsage',
  tag,
  summary: 'Read the limits of a tenant, and how much of them it uses',
  params: TenantParams,
  answers: { 200: { description: 'The plan, and the limit and the usage of each quota.', body: Usage } },
});
