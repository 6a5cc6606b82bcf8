import { z } from '@hono/zod-openapi';
import { type FleetOwner, OPERATOR } from '../fleets/owners.ts';
import { pageQuery } from '../http/paging.ts';
import { contract } from '../http/route.ts';
import { ENROLMENT } from '../http/tags.ts';
import { EnrolmentCreate, EnrolmentCreated, EnrolmentList } from './schema.ts';

/** Makes the contracts for the enrolments of the fleets of one kind of owner. */
function contractsFor({ path, params, prefix, read, write }: FleetOwner) {
  const tag = ENROLMENT;
  return {
    create: contract({
      method: 'post',
      path: `${path}/enrolments`,
      access: write,
      operationId: `create${prefix}Enrolment`,
      tag,
      summary: 'Create a one-time token with which an agent enrols',
      description: 'The agent exchanges the token with `gatehouse agent enroll`.',
      params,
      body: { schema: EnrolmentCreate },
      headers: ['Idempotency-Key'],
      problems: ['too-many'],
      answers: {
        201: { description: 'The token was created. Only this response contains it.', body: EnrolmentCreated },
      },
    }),
    list: contract({
      method: 'get',
      path: `${path}/enrolments`,
      access: read,
      operationId: `list${prefix}Enrolments`,
      tag,
      summary: 'List the one-time tokens of a fleet',
      params,
      query: z.strictObject(pageQuery),
      answers: { 200: { description: 'One page of the list.', body: EnrolmentList } },
    }),
    revoke: contract({
      method: 'delete',
      path: `${path}/enrolments/{id}`,
      access: write,
      operationId: `revoke${prefix}Enrolment`,
      tag,
      summary: 'Revoke a one-time token that was not used',
      params: params.extend({ id: z.string().min(1).max(64) }),
      answers: { 204: { description: 'The token was revoked. No agent can enrol with it.' } },
    }),
  };
}

export const fleetEnrolments = contractsFor(OPERATOR);
