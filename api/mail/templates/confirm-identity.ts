import { z } from 'zod';
import { HOUR, Line, template } from './template.ts';

/** Asks a person who is signed in to confirm who it is, before a change of the account. */
export const confirmIdentity = template({
  values: z.strictObject({ code: Line }),
  expiresIn: HOUR,
  subject: () => 'Confirm that it is you',
  blocks: ({ code }) => [
    'Somebody, probably you, is signed in to your account, and wants to change or delete it.',
    'If it was you, enter this code where you are asked for it. It can be used once, within an hour:',
    code,
    'If it was not you, give the code to nobody, and end all sessions of your account.',
  ],
});
