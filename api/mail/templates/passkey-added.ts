import { z } from 'zod';
import { DAY, Line, Link, template } from './template.ts';

/** Informs a person about a new passkey. */
export const passkeyAdded = template({
  values: z.strictObject({ name: Line, link: Link }),
  expiresIn: DAY,
  subject: () => 'A passkey was added to your account',
  blocks: ({ name, link }) => [
    `You can now sign in to your account with the passkey “${name}”.`,
    'If it was not you who added it, remove it now, and end all sessions:',
    { link, label: 'Open your account' },
  ],
});
