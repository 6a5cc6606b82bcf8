import { z } from '@hono/zod-openapi';
import { Name } from '../../model/values/name.ts';
import { Id } from '../http/id.ts';
import { listing } from '../http/listing.ts';
import { contract } from '../http/route.ts';
import { Me, Member, MemberList, MemberPatch, StaffList, StaffMember, StaffPut } from './schema.ts';

const TenantParams = z.object({ tenant: Name });
const MemberParams = z.object({ tenant: Name, person: Id });
const StaffParams = z.object({ person: Id });
const tag = { name: 'Members', description: 'People, and their roles in tenants and in the platform.' };

export const readMe = contract({
  method: 'get',
  path: '/v1/me',
  access: 'self',
  operationId: 'readMe',
  tag,
  summary: 'Read who the caller is, and what the caller may do',
  answers: { 200: { description: 'The caller.', body: Me } },
});
export const listMembers = listing({
  path: '/v1/tenants/{tenant}/members',
  access: 'member:read',
  operationId: 'listMembers',
  tag,
  summary: 'List the members of a tenant',
  params: TenantParams,
  list: MemberList,
  sortedBy: 'the id of the person',
});
export const patchMember = contract({
  method: 'patch',
  path: '/v1/tenants/{tenant}/members/{person}',
  access: 'member:write',
  operationId: 'patchMember',
  tag,
  summary: 'Change the role of a member',
  params: MemberParams,
  body: { schema: MemberPatch, types: ['application/merge-patch+json', 'application/json'] },
  problems: ['last-owner', 'too-many-tenants'],
  answers: { 200: { description: 'The role was changed.', body: Member } },
});
export const deleteMember = contract({
  method: 'delete',
  path: '/v1/tenants/{tenant}/members/{person}',
  access: 'member:remove',
  operationId: 'deleteMember',
  tag,
  summary: 'Remove a member from a tenant',
  description: 'The tokens and the open invitations that the member created are revoked.',
  params: MemberParams,
  problems: ['last-owner'],
  answers: { 204: { description: 'The member was removed.' } },
});
export const leaveTenant = contract({
  method: 'delete',
  path: '/v1/me/memberships/{tenant}',
  access: 'tenant:leave',
  operationId: 'leaveTenant',
  tag,
  summary: 'Leave a tenant',
  description: 'The tokens and the open invitations that the caller created in the tenant are revoked.',
  params: TenantParams,
  problems: ['last-owner'],
  answers: { 204: { description: 'The caller is not a member of the tenant any more.' } },
});
export const listStaff = listing({
  path: '/v1/staff',
  access: 'operator',
  operationId: 'listStaff',
  tag,
  summary: 'List the people with a role in the platform',
  list: StaffList,
  sortedBy: 'the id of the person',
});
export const putStaff = contract({
  method: 'put',
  path: '/v1/staff/{person}',
  access: 'operator',
  operationId: 'putStaffMember',
  tag,
  summary: 'Give a person a role in the platform',
  params: StaffParams,
  body: { schema: StaffPut },
  answers: { 200: { description: 'The person has the role.', body: StaffMember.pick({ person: true, role: true }) } },
});
export const deleteStaff = contract({
  method: 'delete',
  path: '/v1/staff/{person}',
  access: 'operator',
  operationId: 'deleteStaffMember',
  tag,
  summary: 'End the role of a person in the platform',
  params: StaffParams,
  answers: { 204: { description: 'The person has no role in the platform.' } },
});
