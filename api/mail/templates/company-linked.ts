import { z } from 'zod';
import { DAY, Link, template } from './template.ts';

/** Informs a person that a company's account now signs in to the account with the same address. */
export const companyLinked = template({
  values: z.strictObject({ link: Link }),
  expiresIn: DAY,
  subject: () => 'Your company’s account now signs in to your account',
  blocks: ({ link }) => [
    'Somebody signed in with your company’s account for this address. It is now a further way to sign in to your account, and all other sessions have ended.',
    'The password and the passkeys from before still sign in. If they are not yours, set a new password, and remove the passkeys:',
    { link, label: 'See your account' },
  ],
});
