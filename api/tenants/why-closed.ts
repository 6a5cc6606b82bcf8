import type { Tenant } from '../store/tenants.ts';

/** Says in words why the hosts of a tenant answer 503; undefined when they do not, because the tenant is open. */
export function whyClosed({ suspendedAt, suspendedReason, deletedAt }: Tenant): string | undefined {
  if (suspendedAt !== undefined) return `the tenant is suspended: ${suspendedReason}`;
  return deletedAt === undefined ? undefined : 'the tenant will be deleted when the grace period ends';
}
