import { and, asc, eq, gt, or } from 'drizzle-orm';
import type { SpecOf } from '../../model/kinds/index.ts';
import { claimsOf, hostsOf, isOnShared } from '../serving/serving.ts';
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

/** Finds hosts that different tenants have attached to the gateways of one owner and that overlap. */
export const attachedOverlaps: Check = {
  tables: ['attachedHost'],
  async *run({ kit }) {
    const { attachedHost: a } = kit.t;
    const isAfter = or(gt(a.owner, $('owner')), and(eq(a.owner, $('owner')), gt(a.reversed, $('reversed'))));
    const page = prepare(
      kit.db
        .select({ owner: a.owner, tenant: a.tenant, host: a.host, reversed: a.reversed })
        .from(a)
        .where(isAfter)
        .orderBy(asc(a.owner), asc(a.reversed))
        .limit($('limit')),
    );
    const rows = pages(
      (after) => {
        const [owner = '', reversed = ''] = String(after).split(' ');
        return all(kit, page, { owner, reversed, limit: ROWS_A_PAGE });
      },
      ({ owner, reversed }) => `${owner} ${reversed}`,
      '',
    );
    let at: string | undefined;
    let above: Claim[] = [];
    for await (const { owner, ...row } of rows) {
      if (owner !== at) [at, above] = [owner, []];
      const holder = holderAbove(above, row);
      if (holder)
        yield error(
          `attached_host/${owner}/${row.host}`,
          `'${row.tenant}' has attached it, which is below ${holder.host} of '${holder.tenant}'`,
          'remove the host from the routes of one of the two',
        );
    }
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
  const shared = gateways.filter((gateway) => isOnShared(fleets, tenant, gateway));
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
  const above: Claim[] = [];
  for await (const claim of claims) {
    const holder = holderAbove(above, claim);
    if (holder)
      yield error(
        `host_claim/${claim.host}`,
        `'${claim.tenant}' claims it, which is below ${holder.host} of '${holder.tenant}'`,
        'remove the host from the gateways of one of the two',
      );
  }
}

/**
 * Finds a wildcard of another tenant above a host, among those that came before it in the order of reversed hosts.
 *
 * @param above the wildcards above the previous host; replaced by those above this one, and this one
 */
function holderAbove(above: Claim[], claim: Claim): Claim | undefined {
  const covering = above.filter(({ reversed }) => claim.reversed.startsWith(reversed.slice(0, -1)));
  above.splice(0, above.length, ...covering);
  const holder = covering.find(({ tenant }) => tenant !== claim.tenant);
  if (claim.reversed.endsWith('*')) above.push(claim);
  return holder;
}
