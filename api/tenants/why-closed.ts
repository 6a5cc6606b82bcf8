import type { Settings } from '../settings.ts';
import type { Tenant } from '../store/tenants.ts';
import { timeOf } from '../time-of.ts';
import { purgeAtOf } from './purge-at.ts';

/** Says in words why the hosts of a tenant answer 503; undefined when they do not, because the tenant is open. */
export function whyClosed(
  settings: Settings,
  tenant: Pick<Tenant, 'suspendedAt' | 'suspendedReason' | 'deletedAt'>,
): string | undefined {
  if (tenant.suspendedAt !== undefined) return `the tenant is suspended: ${tenant.suspendedReason}`;
  const { purgeAt } = purgeAtOf(settings, tenant);
  return purgeAt === undefined ? undefined : `the tenant was deleted, and can be restored until ${timeOf(purgeAt)}`;
}
