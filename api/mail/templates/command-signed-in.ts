import { z } from 'zod';
import { DAY, Line, Link, template } from './template.ts';

/** Informs a person about a sign-in on a command line. */
export const commandSignedIn = template({
  values: z.strictObject({ name: Line, address: Line, time: Line, link: Link }),
  expiresIn: DAY,
  subject: () => 'A command was signed in to your account',
  blocks: ({ name, address, time, link }) => [
    `At ${time}, a command was signed in to your account. Its machine calls itself “${name}” and has the address ${address}.`,
    'If it was not you who approved this, end all sessions now, and set a new password:',
    { link, label: 'See your sessions' },
  ],
});
