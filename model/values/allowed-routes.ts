import { z } from 'zod';
import { covers, HostPattern } from './host.ts';
import { Name } from './name.ts';
import { evenIfInvalid, isObject } from './refine.ts';

const Tenants = z
  .union([z.enum(['same', 'all']), z.array(Name).min(1).max(1000)])
  .describe(
    'The tenants whose routes may attach: `same` (only the tenant that owns the gateway), `all`, or a list of names. The owner’s own routes always may.',
  );

/** The routes of other tenants that may attach to a server. */
export const AllowedRoutes = z
  .strictObject({
    tenants: Tenants,
    hosts: z
      .array(HostPattern)
      .min(1)
      .max(256)
      .optional()
      .describe(
        'The hosts that routes of other tenants may have on this server. Default: every host of the server; with `all`, only hosts below a wildcard of the server, and its exact hosts.',
      ),
  })
  .superRefine(({ tenants, hosts }, context) => {
    if (tenants === 'same' && hosts !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['hosts'],
        message: 'has no effect with `tenants: same`; name tenants, or `all`',
        params: { code: 'without-effect' },
      });
  }, evenIfInvalid(isObject))
  .meta({
    id: 'AllowedRoutes',
    description: 'Which tenants’ routes may attach to a server, and for which hosts. Default: only the same tenant’s.',
    example: { tenants: 'all', hosts: ['*.apps.example.com'] },
  });
export type AllowedRoutes = z.infer<typeof AllowedRoutes>;

/** Whether any routes of other tenants may attach. */
export const isShared = (allowed: AllowedRoutes | undefined): boolean =>
  allowed !== undefined && allowed.tenants !== 'same';

/** Whether routes of this tenant, which is not the owner, may attach. */
export function allows(allowed: AllowedRoutes | undefined, tenant: string): boolean {
  if (allowed === undefined || allowed.tenants === 'same') return false;
  return allowed.tenants === 'all' || allowed.tenants.includes(tenant);
}

/**
 * Whether a tenant that may attach may have a host that a host of the server covers.
 *
 * @param admitting the host of the server
 * @param host the host of the other tenant's route, at or below `admitting`
 */
export function allowsHost({ tenants, hosts }: AllowedRoutes, admitting: HostPattern, host: HostPattern): boolean {
  // Otherwise the first tenant could attach the whole wildcard, and no other tenant could attach a host below it.
  if (tenants === 'all' && host === admitting && host.startsWith('*')) return false;
  return hosts === undefined || hosts.some((each) => covers(each, host));
}
