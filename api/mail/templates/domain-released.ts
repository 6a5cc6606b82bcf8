import { z } from 'zod';
import { Name } from '../../../model/values/name.ts';
import { DAY, Line, template } from './template.ts';

/** Reports that a tenant has lost a domain. */
export const domainReleased = template({
  values: z.strictObject({ tenant: Name, domain: Line, reason: Line }),
  expiresIn: DAY,
  subject: ({ tenant, domain }) => `The domain ${domain} of ${tenant} was released`,
  blocks: ({ tenant, domain, reason }) => [
    `The tenant ${tenant} no longer holds the domain ${domain}: ${reason}.`,
    'If the domain is yours, add the record that the domain lists, and check it again. The hosts of the domain stay only until another tenant proves it.',
  ],
});
