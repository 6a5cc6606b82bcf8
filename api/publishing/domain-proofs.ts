import { attachedHosts, formatAttached } from '../../model/binding/shared-gateway.ts';
import { isSelected } from '../../model/kinds/index.ts';
import type { Services } from '../context.ts';
import { coversPlatform, isGranted } from '../domains/platform.ts';
import { proofsOf, type Unproven } from '../domains/proven.ts';
import { inSlices } from '../pace.ts';
import type { Fleet } from '../store/fleets.ts';
import type { Change, Head } from './heads/head.ts';
import { newlyClaimed } from './heads/newly-claimed.ts';

/** A host that the tenant may not use. */
export interface RefusedHost {
  host: string;
  why: Unproven;
}

/** What hosts depend on that a tenant adds on shared fleets. */
export interface HostDomains {
  refused: readonly RefusedHost[];
  /** Domains that the tenant holds, and that prove hosts. */
  held: readonly string[];
  /** Domains at and above hosts that nobody may hold but the tenant. */
  free: readonly string[];
  /** Wildcards, below which nobody may hold domains but the tenant. */
  wildcards: readonly string[];
}

/**
 * Finds out whether a tenant may use the hosts that a change adds on shared fleets. Hosts that shared fleets serve for
 * the tenant already are not judged again. Nearly all changes add no hosts, and get their result at once.
 */
export function domainsFor(
  services: Pick<Services, 'store' | 'settings' | 'fleets'>,
  fleets: readonly Fleet[],
  head: Head,
  next: Head,
  changes: readonly Change[],
): HostDomains | Promise<HostDomains> {
  const { settings } = services;
  const { tenant } = head;
  const attached = newlyAttached(head, next, changes, (host) => coversPlatform(settings, host))
    .filter((host) => !isGranted(settings, tenant, host))
    .map((host): RefusedHost => ({ host, why: 'of the platform' }));
  if (attached.length === 0 && !changes.some(isSelected)) return NO_HOSTS;
  const judged = judgeClaimed(services, fleets, head, changes);
  return judged.then((each) => ({ ...each, refused: [...attached, ...each.refused] }));
}

/** Finds out whether a tenant may use the hosts that a change claims. */
async function judgeClaimed(
  services: Pick<Services, 'store' | 'settings' | 'fleets'>,
  fleets: readonly Fleet[],
  head: Head,
  changes: readonly Change[],
): Promise<HostDomains> {
  const hosts = await inSlices(newlyClaimed([...fleets, ...services.fleets.coming], head, changes));
  return judgeHosts(services, head.tenant, [...hosts]);
}

const NO_HOSTS: HostDomains = { refused: [], held: [], free: [], wildcards: [] };

/**
 * Finds out whether a tenant may use hosts on shared fleets. With `GATEHOUSE_DOMAIN_PROOF=optional`, it may use those
 * whose domain nobody has proven. See {@link proofsOf}.
 *
 * @returns the refused hosts, and the domains on which the other hosts depend
 */
export async function judgeHosts(
  services: Pick<Services, 'store' | 'settings'>,
  tenant: string,
  hosts: readonly string[],
): Promise<HostDomains> {
  const refused: RefusedHost[] = [];
  const [held, free, wildcards] = [new Set<string>(), new Set<string>(), new Set<string>()];
  for (const { host, why, nearest, free: above } of await proofsOf(services, tenant, hosts)) {
    if (why !== undefined && !(why === 'unproven' && services.settings.domainProof === 'optional')) {
      refused.push({ host, why });
      continue;
    }
    if (nearest !== undefined) held.add(nearest);
    for (const each of above) free.add(each);
    if (host.startsWith('*') && !isGranted(services.settings, tenant, host)) wildcards.add(host);
  }
  return { refused, held: [...held], free: [...free], wildcards: [...wildcards] };
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
