import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import { Id } from '../http/id.ts';
import { listing } from '../http/listing.ts';
import { contract } from '../http/route.ts';
import { ENROLMENT } from '../http/tags.ts';
import { EnrolmentCreate, EnrolmentCreated, EnrolmentList } from './schema.ts';

const params = z.object({ fleet: Name });
export const createEnrolment = contract({
  method: 'post',
  path: '/v1/fleets/{fleet}/enrolments',
  access: 'fleet:write',
  operationId: 'createEnrolment',
  tag: ENROLMENT,
  summary: 'Create a one-time token with which an agent enrols',
  description: 'The agent exchanges the token with `gatehouse agent enroll`.',
  params,
  body: { schema: EnrolmentCreate },
  headers: ['Idempotency-Key'],
  problems: ['too-many'],
  answers: {
    201: { description: 'The token was created. Only this response contains it.', body: EnrolmentCreated },
  },
});
export const listEnrolments = listing({
  path: '/v1/fleets/{fleet}/enrolments',
  access: 'agent:read',
  operationId: 'listEnrolments',
  tag: ENROLMENT,
  summary: 'List the one-time tokens of a fleet',
  params,
  list: EnrolmentList,
});
export const revokeEnrolment = contract({
  method: 'delete',
  path: '/v1/fleets/{fleet}/enrolments/{id}',
  access: 'agent:revoke',
  operationId: 'revokeEnrolment',
  tag: ENROLMENT,
  summary: 'Revoke a one-time token that was not used',
  params: params.extend({ id: Id }),
  answers: { 204: { description: 'The token was revoked. No agent can enrol with it.' } },
});
