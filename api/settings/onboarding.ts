import { z } from 'zod';
import { Name } from '../../model/values/name.ts';
import { parseReference } from '../../model/values/reference.ts';
import { whole } from './variable.ts';

/** Whether a text is `tenant/name`. */
function isOfTenant(text: string): boolean {
  const { tenant, name } = parseReference(text);
  return Name.safeParse(tenant).success && Name.safeParse(name).success;
}

/** The variables for new tenants and their hosts on the platform domain. */
export const onboardingVariables = {
  GATEHOUSE_PLATFORM_GATEWAY: z
    .string()
    .refine(isOfTenant, 'must be `tenant/name`, such as platform/public')
    .default('platform/public')
    .meta({
      description:
        'The shared gateway of the platform, `tenant/name`. It serves the platform domain. Only operators can create its tenant.',
    }),
  GATEHOUSE_PLATFORM_PORT: whole(443, 1).meta({
    description: 'Port of the HTTPS addresses on the platform domain, as clients see it.',
  }),
  GATEHOUSE_TENANTS_PER_PERSON: whole(10).meta({
    description:
      'Tenants that one person may own. Tenants to which an operator invites the person as owner are not limited, but count.',
  }),
};
