import { z } from 'zod';
import { HOUR, Link, template } from './template.ts';

/** Sends the link with which a user sets a new password. */
export const resetPassword = template({
  values: z.strictObject({ link: Link }),
  expiresIn: HOUR,
  subject: () => 'Reset your password',
  blocks: ({ link }) => [
    'Somebody, probably you, asked for a new password for the account with this e-mail address.',
    { link, label: 'Set a new password' },
    'The link is valid for an hour. If it was not you, ignore this message. The password stays as it is.',
  ],
});
