import { z } from 'zod';
import { HOUR, Link, template } from './template.ts';

/** Asks a user to confirm the deletion of the account. */
export const confirmDeletion = template({
  values: z.strictObject({ link: Link }),
  expiresIn: HOUR,
  subject: () => 'Confirm the deletion of your account',
  blocks: ({ link }) => [
    'Somebody, probably you, wants to delete the account with this e-mail address.',
    { link, label: 'Delete the account' },
    'If it was not you, ignore this message, and change the password.',
  ],
});
