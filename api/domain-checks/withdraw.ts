import type { HostPattern } from '../../model/values/host.ts';
import type { Services } from '../context.ts';
import { type HostProof, proofsOf } from '../domains/proven.ts';
import { withdrawHosts } from '../publishing/withdraw-hosts.ts';
import { isClaiming } from '../serving/serving.ts';
import type { DomainKey } from '../store/domains.ts';
import { CHECK_DOMAINS } from './examine.ts';

/** The number of hosts of other tenants that are withdrawn at a time. */
const AT_ONCE = 1000;

/**
 * Withdraws the hosts of a domain that other tenants have without a proof of their own, so that the tenant that has proven
 * the domain can use them: those at and below the domain, and wildcards above it. Each of the other tenants gets a
 * revision without these hosts, by the job. It does nothing when there are no such hosts. When it fails or is interrupted,
 * the job does the rest.
 */
export async function withdrawRivals(services: Services, domain: DomainKey): Promise<void> {
  const { store, log } = services;
  const rivals = await store.domains.rivals(domain.tenant, domain.name, AT_ONCE);
  let isDone = rivals.length < AT_ONCE;
  for (const [tenant, claims] of Map.groupBy(rivals, (each) => each.tenant)) {
    const named = claims.map(({ host }) => host);
    const proofs = await proofsOf(services, tenant, named);
    // Who has proven the domain of a wildcard keeps it, although it covers this domain.
    const isKept = ({ why, nearest }: HostProof) => why === 'above another tenant' && nearest !== undefined;
    const lost = proofs.filter((proof) => proof.why !== undefined && !isKept(proof));
    if (lost.length === 0) continue;
    try {
      await withdrawHosts(services, {
        tenant,
        hosts: new Set<HostPattern>(lost.map(({ host }) => host)),
        isConcerned: (gateway, fleets) => isClaiming(fleets, tenant, gateway),
        job: CHECK_DOMAINS,
        message: `another tenant has proven ${domain.name}`,
      });
    } catch (err) {
      isDone = false;
      log.warn({ err, domain: domain.name, tenant }, 'hosts of a proven domain could not be withdrawn from a tenant');
    }
  }
  if (isDone) await store.domains.cleared(domain);
}
