import { z } from 'zod';
import { DAY, Link, template } from './template.ts';

/** Asks a new user to prove that the address is theirs. */
export const verifyAddress = template({
  values: z.strictObject({ link: Link }),
  expiresIn: DAY,
  subject: () => 'Confirm your e-mail address',
  blocks: ({ link }) => [
    'Somebody, probably you, signed up with this e-mail address.',
    { link, label: 'Confirm this address' },
    'The link is valid for a day. If it was not you, ignore this message. Without this confirmation, the account cannot be used.',
  ],
});
