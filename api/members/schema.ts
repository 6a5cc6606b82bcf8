/**
 * The schemas of members in requests and responses. The contracts, the views and the store's rows derive their types
 * from these schemas.
 */
import { z } from 'zod';
import { pageOf } from '../view.ts';

/** The roles of a member of a tenant, from the least to the most powerful. */
export const TenantRole = z.enum(['viewer', 'route-editor', 'gateway-admin', 'owner']).meta({
  id: 'TenantRole',
  description:
    'A `viewer` reads the tenant. A `route-editor` also writes routes, upstreams and their endpoints. A `gateway-admin` also writes gateways, certificates and trust bundles. An `owner` also changes the tenant, its members and its tokens.',
});
export type TenantRole = z.infer<typeof TenantRole>;

/** The roles of those who run the platform. */
export const PlatformRole = z.enum(['operator', 'support']).meta({
  id: 'PlatformRole',
  description: '`support` reads all tenants when the request states a reason. An `operator` does everything else too.',
});
export type PlatformRole = z.infer<typeof PlatformRole>;

export const Member = z
  .object({
    person: z.string().meta({ description: 'The id of the person.' }),
    email: z.string().optional(),
    name: z.string().optional(),
    role: TenantRole,
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Member', description: 'A person with a role in a tenant.' });
export type MemberView = z.infer<typeof Member>;

export const MemberList = pageOf(Member, 'MemberList');
export const MemberPatch = z
  .strictObject({ role: TenantRole })
  .meta({ id: 'MemberPatch', example: { role: 'route-editor' } });

export const StaffMember = z
  .object({ person: z.string(), email: z.string(), name: z.string(), role: PlatformRole })
  .meta({ id: 'StaffMember', description: 'A person with a role in the platform.' });
export type StaffMemberView = z.infer<typeof StaffMember>;
export const StaffList = pageOf(StaffMember, 'StaffList');
export const StaffPut = z.strictObject({ role: PlatformRole }).meta({ id: 'StaffPut', example: { role: 'support' } });

/** A tenant of a person. */
export const OwnMembership = z.object({
  tenant: z.string(),
  role: TenantRole,
  suspendedAt: z.iso.datetime().optional().meta({ description: 'Present while the tenant is suspended.' }),
  suspendedReason: z.string().optional(),
  deletedAt: z.iso
    .datetime()
    .optional()
    .meta({ description: 'Present while the deletion of the tenant can be undone.' }),
  purgeAt: z.iso.datetime().optional().meta({ description: 'Until when the deletion can be undone.' }),
});
export type OwnMembershipView = z.infer<typeof OwnMembership>;

/** The caller of a request, as the API sees it. */
export const Me = z
  .object({
    type: z.enum(['person', 'token', 'agent', 'operator', 'support']).meta({
      description: 'A person, a token of a tenant, an agent, or a token of the platform.',
    }),
    id: z.string(),
    email: z.string().optional().meta({ description: 'The address of a person.' }),
    memberships: z.array(OwnMembership).optional().meta({ description: 'The tenants of a person, sorted by name.' }),
    platform: PlatformRole.optional().meta({ description: 'The role of a person in the platform.' }),
    tenant: z.string().optional().meta({ description: 'The tenant of a token.' }),
    fleet: z.string().optional().meta({ description: 'The fleet of an agent.' }),
    scopes: z.array(z.string()).optional(),
    kinds: z.array(z.string()).optional(),
    roles: z.array(z.string()).optional().meta({
      description:
        'The roles that a token has now in its tenant. No role is higher than that of the person who created the token.',
    }),
    expiresAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'Me', description: 'The caller, and what the caller may do.' });
