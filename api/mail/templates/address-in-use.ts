import { z } from 'zod';
import { DAY, Link, template } from './template.ts';

/**
 * Answers a sign-up with the address of an existing account. Only the owner of the address learns that there is an
 * account.
 */
export const addressInUse = template({
  values: z.strictObject({ link: Link }),
  expiresIn: DAY,
  subject: () => 'You already have an account',
  blocks: ({ link }) => [
    'Somebody, probably you, tried to sign up with this e-mail address. It already has an account, which was not changed.',
    { link, label: 'Sign in, or reset the password' },
    'If it was not you, ignore this message.',
  ],
});
