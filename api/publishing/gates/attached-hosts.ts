import type { AttachedHost } from '../../../model/binding/shared-gateway.ts';
import type { Configuration } from '../../../model/configuration.ts';
import { parseReference } from '../../../model/values/reference.ts';
import { resourceName } from '../../../model/violations.ts';
import { conflictsOf, movedHosts, takenFromOthers } from '../sharing/conflicts.ts';
import { type Findings, type Gate, nothing } from './gate.ts';

/**
 * Prevents two tenants from attaching the same or overlapping hosts to the gateways of one owner. The batch has a guard
 * for the hosts that another tenant attaches at the same time; the change is then judged again.
 */
export const attachedHosts: Gate = {
  code: 'host-taken',
  async judge({ ctx, head, state, owners }): Promise<Findings> {
    const { tenant, configuration: before } = head;
    const { configuration } = state;
    const { add } = await movedHosts(ctx.store, tenant, before, configuration);
    const { taken } = await conflictsOf(ctx.store, tenant, owners, add);
    const fromOthers = await takenFromOthers(ctx.store, tenant, before, configuration);
    if (taken.length === 0 && fromOthers.length === 0) return nothing;
    const errors = [
      ...taken.map((each) => ({
        ...placeOf(configuration, each),
        code: 'host-taken',
        // The message never names the host of the other tenant.
        message: `${each.host} of the shared gateways of ${each.owner} belongs to another tenant, or overlaps a host that does`,
      })),
      ...fromOthers.map(({ host, tenant: holder }) => ({
        ...placeOf(configuration, { owner: tenant, host }),
        code: 'host-taken',
        message: `the tenant ${holder} has attached ${host} to a shared gateway; change its allowedRoutes first`,
      })),
    ];
    return { errors, warnings: [], detail: 'hosts of shared gateways belong to another tenant' };
  },
};

/** Finds the first route that names a host, and a gateway of its owner. */
function placeOf(configuration: Configuration, { owner, host }: AttachedHost): { resource: string; path: string } {
  for (const [name, { hosts = [], gateways = [] }] of configuration.entries('route')) {
    const index = hosts.indexOf(host);
    if (index !== -1 && gateways.some((each) => (parseReference(each).tenant ?? owner) === owner))
      return { resource: resourceName('route', name), path: `/hosts/${index}` };
  }
  return { resource: 'routes', path: '' };
}
