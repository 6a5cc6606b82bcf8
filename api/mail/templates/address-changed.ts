import { z } from 'zod';
import { MailAddress } from '../../../model/values/mail-address.ts';
import { DAY, template } from './template.ts';

/** Tells the owner of the previous address that an account has another one now. */
export const addressChanged = template({
  values: z.strictObject({ address: MailAddress }),
  expiresIn: DAY,
  subject: () => 'The e-mail address of your account was changed',
  blocks: ({ address }) => [
    `Your account now has the e-mail address ${address}. This message goes to the previous one.`,
    'If it was not you, contact the operator of the platform.',
  ],
});
