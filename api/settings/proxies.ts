import { z } from 'zod';
import { CidrText } from '../../model/values/cidr.ts';

/** The variables of the proxies between clients and the API. */
export const proxyVariables = {
  GATEHOUSE_TRUSTED_PROXIES: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((each) => each.trim())
        .filter((each) => each !== ''),
    )
    .pipe(z.array(CidrText, 'must be ranges of IP addresses such as 10.0.0.0/28, separated by commas'))
    .meta({
      description:
        'Addresses of the load balancers and proxies in front of the API, separated by commas: `10.0.0.0/28`. For requests from these addresses, the client is the last address in `GATEHOUSE_CLIENT_HEADER` that is not in this list. Attempts to sign in and anonymous requests are limited by this address, and the audit log has it.',
    }),
  GATEHOUSE_CLIENT_HEADER: z
    .enum(['x-forwarded-for', 'forwarded'], 'must be x-forwarded-for or forwarded')
    .default('x-forwarded-for')
    .meta({
      description:
        'Header to which these proxies add the address of their client: `x-forwarded-for` or `forwarded` (RFC 7239). The other one is ignored, because a client can write it.',
    }),
};
