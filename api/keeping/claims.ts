import { asc, gt } from 'drizzle-orm';
import type { SpecOf } from '../../model/kinds/index.ts';
import { claimsOf, hostsOf, serves } from '../serving/serving.ts';
import type { Fleet } from '../store/fleets.ts';
import { reversed } from '../store/hosts.ts';
import { $, all, prepare } from '../store/query.ts';
import { type Check, pages, ROWS_A_PAGE } from './check.ts';
import { error, type Finding, warning } from './finding.ts';
import type { Claim, TenantCheck } from './tenant-check.ts';

type Gateway = SpecOf<'gateway'>;

const AGAIN = 'change the gateway and change it back: its hosts are then claimed again';

/** Compares a tenant's claims with the hosts of its gateways. */
export const claims: TenantCheck = {
  tables: ['hostClaim'],
  isOfHead: true,
  run: ({ tenant, fleets, gateways, claims }) => checkClaims(tenant.name, fleets, gateways, claims),
};

/** Finds claims of different tenants that overlap. */
export const overlaps: Check = {
  tables: ['hostClaim'],
  async *run({ kit }) {
    const { hostClaim } = kit.t;
    const page = prepare(
      kit.db
        .select({ tenant: hostClaim.tenant, host: hostClaim.host, reversed: hostClaim.reversed })
        .from(hostClaim)
        .where(gt(hostClaim.reversed, $('after')))
        .orderBy(asc(hostClaim.reversed))
        .limit($('limit')),
    );
    const rows = pages(
      (after) => all(kit, page, { after, limit: ROWS_A_PAGE }),
      ({ reversed }) => reversed,
      '',
    );
    yield* checkOverlaps(rows);
  },
};

/**
 * Checks the claims of one tenant. For a host that only dedicated fleets serve, or that no fleet serves, both states
 * are valid: whether it is claimed depends on the fleets at the time when the gateway was written.
 */
function* checkClaims(
  tenant: string,
  fleets: readonly Fleet[],
  gateways: readonly Gateway[],
  stored: readonly Claim[],
): Generator<Finding> {
  const at = `tenants/${tenant}`;
  const named = new Set<string>(hostsOf(gateways));
  const shared = gateways.filter((gateway) =>
    fleets.some((fleet) => fleet.tenant === undefined && serves(fleet, tenant, gateway)),
  );
  const due = claimsOf(fleets, tenant, shared);
  for (const claim of stored) {
    due.delete(claim.host);
    if (!named.has(claim.host)) yield warning(at, `it claims the host ${claim.host}, which none of its gateways names`);
    if (claim.reversed !== reversed(claim.host))
      yield error(
        `host_claim/${claim.host}`,
        `it is sorted under ${claim.reversed}: hosts that overlap it are not found`,
        AGAIN,
      );
  }
  for (const host of due) yield error(at, `its gateways name the host ${host}, but it does not claim it`, AGAIN);
}

/**
 * Finds claims of different tenants that overlap.
 *
 * @param claims all claims, in the order of their reversed hosts
 */
async function* checkOverlaps(claims: AsyncIterable<Claim>): AsyncGenerator<Finding> {
  let above: Claim[] = [];
  for await (const claim of claims) {
    above = above.filter(({ reversed }) => claim.reversed.startsWith(reversed.slice(0, -1)));
    const holder = above.find(({ tenant }) => tenant !== claim.tenant);
    if (holder)
      yield error(
        `host_claim/${claim.host}`,
        `'${claim.tenant}' claims it, which is below ${holder.host} of '${holder.tenant}'`,
        'remove the host from the gateways of one of the two',
      );
    if (claim.reversed.endsWith('*')) above.push(claim);
  }
}
