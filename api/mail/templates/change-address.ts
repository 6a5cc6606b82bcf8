import { z } from 'zod';
import { HOUR, Link, template } from './template.ts';

/** Asks the owner of a new address to confirm it, before an account changes to it. */
export const changeAddress = template({
  values: z.strictObject({ link: Link }),
  expiresIn: HOUR,
  subject: () => 'Confirm your new e-mail address',
  blocks: ({ link }) => [
    'Somebody, probably you, wants to use this e-mail address for an account.',
    { link, label: 'Use this address' },
    'The link is valid for an hour. If it was not you, ignore this message. The account keeps its address.',
  ],
});
