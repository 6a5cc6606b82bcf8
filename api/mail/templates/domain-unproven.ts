import { z } from 'zod';
import { Name } from '../../../model/values/name.ts';
import { DAY, Line, template } from './template.ts';

/** Warns that the DNS record that proves a domain is gone. */
export const domainUnproven = template({
  values: z.strictObject({ tenant: Name, domain: Line, releasedOn: Line }),
  expiresIn: DAY,
  subject: ({ tenant, domain }) => `The domain ${domain} of ${tenant} is no longer proven`,
  blocks: ({ tenant, domain, releasedOn }) => [
    `The DNS record that proves the domain ${domain} of the tenant ${tenant} was not found.`,
    `Add the record again. Otherwise the domain is released on ${releasedOn}: the tenant then gets no new hosts of the domain, and loses those that it has when another tenant proves the domain.`,
  ],
});
