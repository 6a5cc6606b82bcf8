import { z } from 'zod';
import { DAY, Line, Link, template } from './template.ts';

/** Tells a user that the password was changed, and which passkeys still sign in. */
export const passwordChanged = template({
  values: z.strictObject({ link: Link, passkeys: z.array(Line).default([]) }),
  expiresIn: DAY,
  subject: () => 'Your password was changed',
  blocks: ({ link, passkeys }) => [
    'The password of your account was changed, and all other sessions have ended.',
    ...(passkeys.length > 0
      ? ['These passkeys still sign in to your account. Remove those that are not yours:', ...passkeys]
      : []),
    'If it was not you, reset the password now:',
    { link, label: 'Reset the password' },
  ],
});
