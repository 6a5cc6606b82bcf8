/**
 * The schemas of tenants in requests and responses. The contract, the views and the store's rows derive their types
 * from these schemas.
 */
import { z } from 'zod';
import { Labels } from '../../model/values/labels.ts';
import { Name } from '../../model/values/name.ts';
import { line } from '../../model/values/shown-text.ts';
import { pageOf } from '../view.ts';

const displayName = line(200).trim().min(1);

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
    defaultHost: z.string().optional().meta({
      description:
        'The host that the tenant has on the domain of the platform, and below which it may use all names. Absent when the platform has no such domain.',
      example: 'bookinfo.apps.example.com',
    }),
    suspendedAt: z.iso.datetime().optional().meta({
      description:
        'Present while the tenant is suspended: its hosts answer 503, and its members and tokens may only read everything, end access, and delete the tenant.',
    }),
    suspendedReason: z.string().optional().meta({ description: 'Why an operator suspended the tenant.' }),
    deletedAt: z.iso.datetime().optional().meta({
      description: 'Present after a request to delete the tenant, which can be restored until the grace period ends.',
    }),
    purgeAt: z.iso.datetime().optional().meta({
      description: 'When the grace period of a deleted tenant ends. Then everything that it owns is deleted.',
    }),
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
export const Suspension = z
  .strictObject({ reason: line(500).min(1) })
  .meta({ id: 'Suspension', example: { reason: 'The account is overdue.' } });
export const TenantList = pageOf(Tenant, 'TenantList');
