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
    'If you do not know the sender, ignore this message.',
  ],
});
