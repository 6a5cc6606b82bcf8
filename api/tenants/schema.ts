/**
 * The schemas of tenants in requests and responses. The contract, the views and the store's rows derive their types
 * from these schemas.
 */
import { z } from 'zod';
import { Labels } from '../../model/values/labels.ts';
import { Name } from '../../model/values/name.ts';

const displayName = z.string().min(1).max(200);

export const Tenant = z
  .object({
    name: Name,
    displayName: z.string(),
    labels: Labels,
    revision: z
      .int()
      .meta({ description: 'Head revision of the configuration; 0 when the tenant has no revision yet.' }),
    plan: Name.meta({ description: 'The plan that decides the quotas.' }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'Tenant' });
export type TenantView = z.infer<typeof Tenant>;

export const TenantCreate = z
  .strictObject({ name: Name, displayName: displayName.optional(), labels: Labels.optional() })
  .meta({
    id: 'TenantCreate',
    example: { name: 'bookinfo', displayName: 'Bookinfo', labels: { team: 'books' } },
  });
export const TenantPatch = z.strictObject({ displayName: displayName.optional(), labels: Labels.optional() }).meta({
  id: 'TenantPatch',
  description: 'Each member that is present replaces the stored one. `labels` replaces all stored labels.',
  example: { displayName: 'Bookinfo shop' },
});
export const TenantList = z.object({ items: z.array(Tenant), next: z.string().optional() }).meta({ id: 'TenantList' });
