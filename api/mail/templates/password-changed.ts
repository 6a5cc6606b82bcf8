import { z } from 'zod';
import { DAY, Link, template } from './template.ts';

/** Tells a user that the password was changed. */
export const passwordChanged = template({
  values: z.strictObject({ link: Link }),
  expiresIn: DAY,
  subject: () => 'Your password was changed',
  blocks: ({ link }) => [
    'The password of your account was changed, and all other sessions have ended.',
    'If it was not you, reset the password now:',
    { link, label: 'Reset the password' },
  ],
});
