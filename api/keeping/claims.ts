import type { SpecOf } from '../../model/kinds/index.ts';
import { claimsOf, hostsOf, serves } from '../serving/serving.ts';
import type { Fleet } from '../store/fleets.ts';
import { reversed } from '../store/hosts.ts';
import { error, type Finding, warning } from './finding.ts';

export interface Claim {
  tenant: string;
  host: string;
  reversed: string;
}
type Gateway = SpecOf<'gateway'>;

const AGAIN = 'change the gateway and change it back: its hosts are then claimed again';

/**
 * Compares a tenant's claims with the hosts of its gateways. A host that only dedicated fleets serve, or none, may be
 * held or not: that depends on the fleets at the time the gateway was written.
 */
export function* checkClaims(
  tenant: string,
  fleets: readonly Fleet[],
  gateways: readonly Gateway[],
  held: readonly Claim[],
): Generator<Finding> {
  const at = `tenants/${tenant}`;
  const named = new Set<string>(hostsOf(gateways));
  const shared = gateways.filter((gateway) =>
    fleets.some((fleet) => fleet.tenant === undefined && serves(fleet, tenant, gateway)),
  );
  const due = claimsOf(fleets, tenant, shared);
  for (const claim of held) {
    due.delete(claim.host);
    if (!named.has(claim.host)) yield warning(at, `it holds the host ${claim.host}, which none of its gateways names`);
    if (claim.reversed !== reversed(claim.host))
      yield error(
        `host_claim/${claim.host}`,
        `it is sorted under ${claim.reversed}: hosts that overlap it are not found`,
        AGAIN,
      );
  }
  for (const host of due) yield error(at, `its gateways name the host ${host}, but it does not hold it`, AGAIN);
}

/** Finds claims of different tenants that overlap, among all claims in the order of their reversed hosts. */
export async function* checkOverlaps(claims: AsyncIterable<Claim>): AsyncGenerator<Finding> {
  let above: Claim[] = [];
  for await (const claim of claims) {
    above = above.filter(({ reversed }) => claim.reversed.startsWith(reversed.slice(0, -1)));
    const holder = above.find(({ tenant }) => tenant !== claim.tenant);
    if (holder)
      yield error(
        `host_claim/${claim.host}`,
        `'${claim.tenant}' holds it under ${holder.host} of '${holder.tenant}'`,
        'have one of the two give it up',
      );
    if (claim.reversed.endsWith('*')) above.push(claim);
  }
}
