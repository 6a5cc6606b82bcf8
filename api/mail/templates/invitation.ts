import { z } from 'zod';
import { Name } from '../../../model/values/name.ts';
import { DAY, Line, Link, template } from './template.ts';

/**
 * Invites somebody to a tenant. It contains no text that the inviter wrote, because such a text could be used to send
 * advertisements.
 */
export const invitation = template({
  values: z.strictObject({ tenant: Name, role: Line, inviter: Line, link: Link }),
  expiresIn: DAY,
  subject: ({ tenant }) => `You are invited to ${tenant}`,
  blocks: ({ tenant, role, inviter, link }) => [
    `${inviter} invites you to the tenant ${tenant}, as ${role}.`,
    { link, label: 'Accept the invitation' },
    'The link is valid for 7 days. If you have no account, sign up with this address first, and then open the link again.',
    'If you do not expect an invitation, ignore this message.',
  ],
});
