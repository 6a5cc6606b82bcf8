import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import { Id } from '../http/id.ts';
import { listing } from '../http/listing.ts';
import { contract } from '../http/route.ts';
import { ENROLMENT } from '../http/tags.ts';
import { AgentEnrol, AgentEnrolled, AgentList, AgentRenew, AgentRenewed } from './schema.ts';

export const enrolAgent = contract({
  method: 'post',
  path: '/v1/agents',
  access: 'public',
  operationId: 'enrolAgent',
  tag: ENROLMENT,
  summary: 'Enrol an agent with a one-time token',
  description:
    'The agent makes a key pair, and proves with a signature that it has the private key. A repeated request with the same token and key gets the same response.',
  body: { schema: AgentEnrol },
  problems: ['unauthorized', 'unavailable'],
  answers: {
    200: { description: 'The agent is enrolled. It gets its credential by a renewal.', body: AgentEnrolled },
  },
});

export const renewAgent = contract({
  method: 'post',
  path: '/v1/agents/{agent}/renewals',
  access: 'public',
  operationId: 'renewAgent',
  tag: ENROLMENT,
  summary: 'Renew the credential of an agent',
  description:
    'The request is signed with the key of the agent, and needs no credential. If a second holder of the key renews a generation that was already renewed, the agent is stopped.',
  params: z.object({ agent: Id }),
  body: { schema: AgentRenew },
  problems: ['unauthorized', 'agent-stopped', 'unavailable'],
  answers: { 200: { description: 'The next credential.', body: AgentRenewed } },
});

const params = z.object({ fleet: Name });
export const listAgents = listing({
  path: '/v1/fleets/{fleet}/agents',
  access: 'agent:read',
  operationId: 'listAgents',
  tag: ENROLMENT,
  summary: 'List the agents that enrolled in a fleet',
  params,
  list: AgentList,
});
export const revokeAgent = contract({
  method: 'delete',
  path: '/v1/fleets/{fleet}/agents/{agent}',
  access: 'agent:revoke',
  operationId: 'revokeAgent',
  tag: ENROLMENT,
  summary: 'Revoke an agent',
  params: params.extend({ agent: Id }),
  answers: {
    204: { description: 'The agent was revoked: its feed has ended, and it cannot renew its credential.' },
  },
});
