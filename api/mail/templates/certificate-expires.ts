import { z } from 'zod';
import { Name } from '../../../model/values/name.ts';
import { DAY, Line, template } from './template.ts';

/** Warns that certificates are about to expire. */
export const certificateExpires = template({
  values: z.strictObject({ tenant: Name, certificates: Line, expiresOn: Line }),
  expiresIn: DAY,
  subject: ({ tenant }) => `Certificates of ${tenant} expire soon`,
  blocks: ({ tenant, certificates, expiresOn }) => [
    `The first of these certificates of the tenant ${tenant} expires on ${expiresOn}: ${certificates}.`,
    'Upload their successors before that time. Otherwise clients will not connect to the hosts that use them.',
  ],
});
