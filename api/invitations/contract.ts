import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import { Id } from '../http/id.ts';
import { listing } from '../http/listing.ts';
import { contract } from '../http/route.ts';
import { TenantRole } from '../members/schema.ts';
import { Email } from '../people/schema.ts';
import { Invitation, InvitationAccept, InvitationList, Membership } from './schema.ts';

// Not in the schema of the rows, because the store must not depend on the folder of the addresses.
const InvitationCreate = z
  .strictObject({ email: Email, role: TenantRole })
  .meta({ id: 'InvitationCreate', example: { email: 'ada@example.com', role: 'route-editor' } });

const TenantParams = z.object({ tenant: Name });
const path = '/v1/tenants/{tenant}/invitations';
const tag = { name: 'Invitations', description: 'Invitations by e-mail to become a member of a tenant.' };

export const createInvitation = contract({
  method: 'post',
  path,
  access: 'member:write',
  operationId: 'createInvitation',
  tag,
  summary: 'Invite somebody to a tenant by e-mail',
  description:
    'The mail contains a code, with which only a person with this address can accept the invitation, once, within 7 days. An earlier invitation of the address is revoked, so this also sends an invitation again.',
  params: TenantParams,
  body: { schema: InvitationCreate },
  headers: ['Idempotency-Key'],
  problems: ['already-member', 'too-many'],
  answers: { 201: { description: 'The invitation was created, and its mail was queued.', body: Invitation } },
});
export const listInvitations = listing({
  path,
  access: 'invitation:read',
  operationId: 'listInvitations',
  tag,
  summary: 'List the invitations to a tenant',
  params: TenantParams,
  list: InvitationList,
});
export const revokeInvitation = contract({
  method: 'delete',
  path: `${path}/{id}`,
  access: 'member:remove',
  operationId: 'revokeInvitation',
  tag,
  summary: 'Revoke an invitation',
  params: TenantParams.extend({ id: Id }),
  answers: { 204: { description: 'The invitation was revoked. Nobody can accept it any more.' } },
});
export const acceptInvitation = contract({
  method: 'post',
  path: '/v1/invitations/accept',
  access: 'invitation:accept',
  operationId: 'acceptInvitation',
  tag,
  summary: 'Accept an invitation',
  body: { schema: InvitationAccept },
  problems: ['invalid-code', 'already-member', 'too-many', 'too-many-tenants'],
  answers: { 200: { description: 'The caller is a member of the tenant now.', body: Membership } },
});
