import { z } from 'zod';
import { DAY, Line, Link, template } from './template.ts';

/** Informs a person that a passkey was removed. */
export const passkeyRemoved = template({
  values: z.strictObject({ name: Line, link: Link }),
  expiresIn: DAY,
  subject: () => 'A passkey was removed from your account',
  blocks: ({ name, link }) => [
    `The passkey “${name}” was removed from your account. Nobody can sign in with it any more.`,
    'If it was not you, set a new password now. All sessions end then:',
    { link, label: 'Reset the password' },
  ],
});
