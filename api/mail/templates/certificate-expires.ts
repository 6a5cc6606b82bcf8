import { z } from 'zod';
import { Name } from '../../../model/values/name.ts';
import { DAY, Line, template } from './template.ts';

/** Warns that a certificate is about to expire. */
export const certificateExpires = template({
  values: z.strictObject({ tenant: Name, certificate: Line, expiresOn: Line }),
  expiresIn: DAY,
  subject: ({ tenant, certificate }) => `The certificate ${certificate} of ${tenant} expires soon`,
  blocks: ({ tenant, certificate, expiresOn }) => [
    `The certificate ${certificate} of the tenant ${tenant} expires on ${expiresOn}.`,
    'Upload its successor before that time. Otherwise clients will not connect to the hosts that use it.',
  ],
});
