/**
 * The schemas of invitations in requests and responses. The contracts, the views and the store's rows derive their types
 * from these schemas.
 */
import { z } from 'zod';
import { TenantRole } from '../members/schema.ts';
import { pageOf } from '../view.ts';

export const Invitation = z
  .object({
    id: z.string(),
    email: z.string(),
    role: TenantRole,
    invitedBy: z.string().meta({ description: 'Who invited, such as `person:<id>`.' }),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso.datetime(),
    acceptedAt: z.iso.datetime().optional(),
    revokedAt: z.iso.datetime().optional(),
  })
  .meta({ id: 'Invitation', description: 'An invitation to a tenant. Only the mail contains its secret.' });
export type InvitationView = z.infer<typeof Invitation>;

export const InvitationList = pageOf(Invitation, 'InvitationList');
export const InvitationAccept = z
  .strictObject({
    code: z
      .string()
      .regex(/^gh_invitation_[\w-]{43}$/, 'must be the code from the mail, gh_invitation_…')
      .meta({ description: 'The code from the mail. It can be used once.' }),
  })
  .meta({ id: 'InvitationAccept', example: { code: `gh_invitation_${'x'.repeat(43)}` } });
export const Membership = z.object({ tenant: z.string(), role: TenantRole }).meta({ id: 'Membership' });
