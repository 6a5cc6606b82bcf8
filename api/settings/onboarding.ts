import { ReferenceText } from '../../model/values/reference.ts';
import { whole } from './variable.ts';

/** The variables for new tenants and their hosts on the platform domain. */
export const onboardingVariables = {
  GATEHOUSE_PLATFORM_GATEWAY: ReferenceText.default('platform/public').meta({
    description: 'The shared gateway of the platform, `tenant/name`. It serves the platform domain.',
  }),
  GATEHOUSE_PLATFORM_PORT: whole(443, 1).meta({
    description: 'Port of the HTTPS addresses on the platform domain, as clients see it.',
  }),
  GATEHOUSE_TENANTS_PER_PERSON: whole(10).meta({
    description:
      'Tenants that one person may own. Tenants to which an operator invites the person as owner are not limited, but count.',
  }),
};
