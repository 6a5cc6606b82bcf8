import type { Services } from '../context.ts';
import { domainsOf } from './name.ts';
import { coversPlatform, isGranted } from './platform.ts';

/** Why a tenant has not proven a host. */
export type Unproven = 'unproven' | 'of another tenant' | 'above another tenant' | 'of the platform';

/** Whether a tenant has proven a host, and the domains on which this depends. */
export interface HostProof {
  host: string;
  /** Absent when the tenant has proven the host. */
  why?: Unproven;
  /** The nearest proven domain at or above the host. Absent when there is none, and when the platform gives the host. */
  nearest?: string;
  /** The domains at and above the host that nobody has proven, up to the nearest proven one. */
  free: readonly string[];
}

/**
 * Finds out which hosts a tenant has proven: of all proven domains at and above the host, it holds the nearest, or the
 * platform gives it the host. Of a wildcard, all hosts that it covers: no other tenant has proven a domain below it. A
 * domain whose proof was there at the last check but one still counts, until it is released.
 *
 * @param hosts host patterns in A-labels, in lower case
 * @returns one element per host, in the same order
 */
export async function proofsOf(
  { store, settings }: Pick<Services, 'store' | 'settings'>,
  tenant: string,
  hosts: readonly string[],
): Promise<HostProof[]> {
  const judged = hosts.filter((host) => !isGranted(settings, tenant, host) && !coversPlatform(settings, host));
  const names = judged.flatMap(domainsOf);
  const found = names.length === 0 ? [] : await store.domains.holders(names);
  const holders = new Map(found.map((each) => [each.name, each.tenant]));
  const wildcards = judged.filter((host) => host.startsWith('*'));
  const above = new Set(wildcards.length === 0 ? [] : await store.domains.wildcardsAbove(tenant, wildcards));
  return hosts.map((host) => {
    if (isGranted(settings, tenant, host)) return { host, free: [] };
    if (coversPlatform(settings, host)) return { host, why: 'of the platform', free: [] };
    const domains = domainsOf(host);
    const index = domains.findIndex((each) => holders.has(each));
    if (index < 0) return { host, why: above.has(host) ? 'above another tenant' : 'unproven', free: domains };
    const nearest = domains[index]!;
    const free = domains.slice(0, index);
    if (holders.get(nearest) !== tenant) return { host, why: 'of another tenant', nearest, free };
    return { host, ...(above.has(host) && { why: 'above another tenant' }), nearest, free };
  });
}

/**
 * Whether a tenant has proven a host. See {@link proofsOf}.
 *
 * @example await isProven(services, 'acme', '*.shop.example.com') // true when acme holds example.com
 */
export async function isProven(
  services: Pick<Services, 'store' | 'settings'>,
  tenant: string,
  host: string,
): Promise<boolean> {
  const [proof] = await proofsOf(services, tenant, [host]);
  return proof!.why === undefined;
}
