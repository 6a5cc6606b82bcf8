import { z } from 'zod';
import { normalise } from '../../model/values/host.ts';
import { parseServer } from '../dns/resolver.ts';
import { days, ms } from './variable.ts';

/** The variables of domains and their proofs. */
export const domainVariables = {
  GATEHOUSE_PLATFORM_DOMAIN: z
    .string()
    .overwrite(normalise)
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'must be a domain such as apps.example.com')
    .optional()
    .meta({
      description:
        'Domain of the platform. Each tenant may use `<tenant>.<domain>` and the names below it, in routes on the gateway `GATEHOUSE_PLATFORM_GATEWAY`; no tenant can claim the domain.',
    }),
  GATEHOUSE_DOMAIN_PROOF: z.enum(['required', 'optional'], 'must be required or optional').default('required').meta({
    description:
      'Whether a host on a shared fleet needs a proven domain: `required` or `optional`. With both, nobody gets hosts of a domain that another tenant has proven.',
  }),
  GATEHOUSE_DNS_ROOTS: z
    .string()
    .default('')
    .transform((text, context) =>
      text.split(',').flatMap((each) => {
        if (each.trim() === '') return [];
        const server = parseServer(each.trim());
        if (!server) context.addIssue({ code: 'custom', message: 'must be IP addresses, with or without a port' });
        return server ?? [];
      }),
    )
    .meta({
      description:
        'Name servers at which lookups of the proofs of domains begin, separated by commas: `ADDRESS` or `ADDRESS:PORT`. They must answer with authority or refer to other servers, which then have the same port; a resolver with a cache does not suffice.',
      fallback: 'the root servers of the internet',
    }),
  GATEHOUSE_DOMAIN_CHECK: ms(24 * 60 * 60_000, 10).meta({
    description: 'How often the proof of a domain is checked again. While it is missing, 24 times as often.',
    unit: 'ms',
  }),
  GATEHOUSE_DOMAIN_GRACE_DAYS: days(7, 'How long a tenant keeps a domain whose proof is gone.'),
};
