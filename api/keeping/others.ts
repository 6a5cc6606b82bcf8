import { delegationOf } from '../../model/binding/delegation.ts';
import { attachedHosts, formatAttached, gatewayOwners } from '../../model/binding/shared-gateway.ts';
import { attached as attachedIn } from '../store/attached.ts';
import { overlapping, reversed } from '../store/hosts.ts';
import { error, type Finding, warning } from './finding.ts';
import type { TenantCheck } from './tenant-check.ts';

const AGAIN = 'change the route and change it back: the row is then written again';

/**
 * Compares the hosts that a tenant has attached to shared gateways, and the owners and parents that its routes name, with
 * its routes. A route may name a host that the tenant has not attached, because another tenant has it, or had it
 * until now.
 */
export const others: TenantCheck = {
  tables: ['attachedHost', 'gatewayOwner', 'parentTenant'],
  isOfHead: true,
  async *run({ tenant: { name }, routes, attached, owners, parents, kit }): AsyncGenerator<Finding> {
    const at = `tenants/${name}`;
    const wanted = attachedHosts(routes);
    const named = new Set(wanted.map(formatAttached));
    const held = new Set(attached.map(formatAttached));
    const lost = wanted.filter((each) => !held.has(formatAttached(each)));
    const taken = lost.length > 0 ? await attachedIn(kit).overlapping(name, lost) : [];
    const byOwner = Map.groupBy(taken, ({ owner }) => owner);
    for (const each of lost)
      if (!overlapping((byOwner.get(each.owner) ?? []).map(({ host }) => host))(each.host))
        yield {
          ...warning(at, `its routes name ${each.host} of gateways of ${each.owner}, but it has not attached the host`),
          remedy: 'any change of the tenant attaches it',
        };
    for (const row of attached) {
      if (!named.has(formatAttached(row)))
        yield warning(at, `it has attached ${row.host} to gateways of ${row.owner}, which none of its routes names`);
      if (row.reversed !== reversed(row.host))
        yield error(
          `attached_host/${row.owner}/${row.host}`,
          `it is sorted under ${row.reversed}: hosts that overlap it are not found`,
          AGAIN,
        );
    }
    const unlisted = gatewayOwners(routes);
    for (const { owner } of owners)
      if (!unlisted.delete(owner))
        yield warning(at, `it is listed as naming gateways of ${owner}, which none of its routes names`);
    for (const owner of unlisted)
      yield error(
        at,
        `its routes name gateways of ${owner}, but fleets that begin to serve these do not get its configuration`,
        AGAIN,
      );
    const due = new Set(delegationOf(routes).parents);
    for (const { parent } of parents)
      if (!due.delete(parent)) yield warning(at, `it has the parent ${parent}, which none of its routes names`);
    for (const parent of due)
      yield error(
        at,
        `its routes name the parent ${parent}, but fleets that serve ${parent} do not get its configuration`,
        AGAIN,
      );
  },
};
