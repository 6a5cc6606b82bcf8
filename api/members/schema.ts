/**
 * The schemas of members in requests and responses. The contracts, the views and the store's rows derive their types
 * from these schemas.
 */
import { z } from 'zod';

/** The roles of a member of a tenant, from the least to the most powerful. */
export const TenantRole = z.enum(['viewer', 'route-editor', 'gateway-admin', 'owner']).meta({
  id: 'TenantRole',
  description:
    'A `viewer` reads the tenant. A `route-editor` also writes routes, upstreams and their endpoints. A `gateway-admin` also writes gateways, certificates and trust bundles. An `owner` also changes the tenant, its members and its tokens.',
});
export type TenantRole = z.infer<typeof TenantRole>;

/** The roles of those who run the platform. */
export const PlatformRole = z.enum(['operator', 'support']).meta({
  id: 'PlatformRole',
  description: '`support` reads all tenants when the request states a reason. An `operator` does everything else too.',
});
export type PlatformRole = z.infer<typeof PlatformRole>;
