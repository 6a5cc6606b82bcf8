import type { Services } from '../context.ts';
import { domainsOf } from './name.ts';
import { isGranted, isOfPlatform } from './platform.ts';

/**
 * Whether a tenant has proven a host: of all proven domains at and above the host, it holds the nearest, or the platform
 * gives it the host. Of a wildcard, whether it has proven all hosts that the wildcard covers. A domain whose proof was there at the
 * last check but one still counts, until it is released.
 *
 * @param host a host pattern in A-labels, in lower case
 * @example await isProven(services, 'acme', '*.shop.example.com') // true when acme holds example.com
 */
export async function isProven(
  { store, settings }: Pick<Services, 'store' | 'settings'>,
  tenant: string,
  host: string,
): Promise<boolean> {
  if (isGranted(settings, tenant, host)) return true;
  if (host === '*' || isOfPlatform(settings, host)) return false;
  const domains = domainsOf(host);
  const holders = new Map((await store.domains.holders(domains)).map((each) => [each.name, each.tenant]));
  if (holders.get(domains.find((each) => holders.has(each)) ?? '') !== tenant) return false;
  return !host.startsWith('*') || (await store.domains.wildcardsAbove(tenant, [host])).length === 0;
}
