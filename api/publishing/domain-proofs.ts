import { attachedHosts, formatAttached } from '../../model/binding/shared-gateway.ts';
import { isSelected, type SpecOf } from '../../model/kinds/index.ts';
import { patternsCovering } from '../../model/values/host.ts';
import type { Services } from '../context.ts';
import { domainsOf } from '../domains/name.ts';
import { coversPlatform, isGranted } from '../domains/platform.ts';
import { claimsOf, serves } from '../serving/serving.ts';
import type { Fleet } from '../store/fleets.ts';
import type { Change, Head } from './heads/head.ts';

type Gateway = SpecOf<'gateway'>;

/** A host that the tenant may not use. */
export interface RefusedHost {
  host: string;
  why: 'unproven' | 'of another tenant' | 'above another tenant' | 'of the platform';
}

/** What the new hosts of a change depend on. */
export interface HostDomains {
  refused: RefusedHost[];
  /** Domains that the tenant holds, and that prove hosts. */
  held: string[];
  /** Domains at and above hosts that nobody may hold but the tenant. */
  free: string[];
  /** Wildcards, below which nobody may hold domains but the tenant. */
  wildcards: string[];
}

/**
 * Finds out whether a tenant may use the hosts that a change adds on shared fleets. The nearest domain at or above a host
 * that somebody has proven decides. A wildcard must have no domain below it that another tenant has proven. Hosts that
 * the tenant has already are not judged again. Nearly all changes add no hosts, and read nothing.
 */
export async function domainsFor(
  { store, settings }: Pick<Services, 'store' | 'settings'>,
  fleets: readonly Fleet[],
  head: Head,
  next: Head,
  changes: readonly Change[],
): Promise<HostDomains> {
  const { tenant } = head;
  const refused: RefusedHost[] = newlyAttached(head, next, changes, (host) => coversPlatform(settings, host))
    .filter((host) => !isGranted(settings, tenant, host))
    .map((host) => ({ host, why: 'of the platform' }));
  const hosts = newHosts(fleets, head, changes).filter((host) => !isGranted(settings, tenant, host));
  if (hosts.length === 0) return { refused, held: [], free: [], wildcards: [] };
  const names = new Map(hosts.map((host) => [host, domainsOf(host)]));
  const holders = new Map(
    (await store.domains.holders([...names.values()].flat())).map((each) => [each.name, each.tenant]),
  );
  const wildcards = hosts.filter((host) => host.startsWith('*'));
  const above = new Set(wildcards.length === 0 ? [] : await store.domains.wildcardsAbove(tenant, wildcards));
  const [held, free] = [new Set<string>(), new Set<string>()];
  for (const [host, domains] of names) {
    const nearest = domains.findIndex((each) => holders.has(each));
    if (coversPlatform(settings, host)) refused.push({ host, why: 'of the platform' });
    else if (above.has(host)) refused.push({ host, why: 'above another tenant' });
    else if (nearest >= 0 && holders.get(domains[nearest]!) !== tenant)
      refused.push({ host, why: 'of another tenant' });
    else if (nearest < 0 && settings.domainProof === 'required') refused.push({ host, why: 'unproven' });
    else {
      if (nearest >= 0) held.add(domains[nearest]!);
      for (const each of nearest < 0 ? domains : domains.slice(0, nearest)) free.add(each);
    }
  }
  return { refused, held: [...held], free: [...free], wildcards };
}

/** Lists the hosts that a change adds to gateways on shared fleets, and to gateways that no fleet serves yet. */
function newHosts(fleets: readonly Fleet[], { tenant, configuration }: Head, changes: readonly Change[]): string[] {
  const isOnShared = (gateway: Gateway) =>
    fleets.some((each) => each.tenant === undefined && serves(each, tenant, gateway));
  const added = new Set<string>();
  for (const change of changes) {
    if (change.verb !== 'put' || !isSelected(change)) continue;
    const before = configuration.get(change.kind, change.name);
    // A shared fleet serves the hosts of an unserved gateway for the first time: they are judged as new ones.
    const isSame = before && (isOnShared(before) || !isOnShared(change.spec));
    const had = isSame ? claimsOf(fleets, tenant, [before]) : new Set<string>();
    for (const host of claimsOf(fleets, tenant, [change.spec])) if (!had.has(host)) added.add(host);
  }
  if (added.size === 0) return [];
  const had = claimsOf(
    fleets,
    tenant,
    [...configuration.entries('gateway')].map(([, spec]) => spec).filter(isOnShared),
  );
  return [...added].filter((host) => ![...patternsCovering(host)].some((each) => had.has(each)));
}

/** Lists the hosts that a change attaches to gateways of other tenants, of those that matter. */
function newlyAttached(
  head: Head,
  next: Head,
  changes: readonly Change[],
  matters: (host: string) => boolean,
): string[] {
  const isConcerned = changes.some(
    ({ verb, kind, name }) =>
      verb === 'put' && kind === 'route' && next.configuration.get(kind, name)?.hosts?.some(matters),
  );
  if (!isConcerned) return [];
  const had = new Set(attachedHosts(head.configuration).map(formatAttached));
  return attachedHosts(next.configuration).flatMap((each) =>
    matters(each.host) && !had.has(formatAttached(each)) ? each.host : [],
  );
}
