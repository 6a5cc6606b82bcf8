import { delegationOf } from '../../../model/binding/delegation.ts';
import type { Configuration } from '../../../model/configuration.ts';
import { admitsParent, targetsOf } from '../../../model/route/delegate.ts';
import { formatReference } from '../../../model/values/reference.ts';
import type { Services } from '../../context.ts';
import { fleetsOf } from '../../serving/serving.ts';
import type { Fleet } from '../../store/fleets.ts';
import { namedGateways, othersIn, type ParentTenants, parentGateways } from './owners.ts';

/**
 * Returns the fleets that serve a configuration of a tenant, as far as the tenant may know: those that serve its own
 * gateways, its mesh, the shared gateways to which it attaches routes, and the tenants that delegate to its routes.
 * Agents get the routes of a tenant as soon as these name a parent, but until the parent delegates to them, the tenant
 * must not learn where the parent is served, or whether it exists.
 */
export async function knownFleets(
  { heads }: Pick<Services, 'heads'>,
  all: readonly Fleet[],
  tenant: string,
  configuration: Configuration,
): Promise<Fleet[]> {
  const { owners, parents } = await othersIn(heads, configuration);
  const gateways = [
    ...[...configuration.entries('gateway')].map(([, spec]) => spec),
    ...namedGateways(owners, tenant, configuration),
    ...parentGateways(agreed(parents, tenant, configuration), tenant, configuration),
  ];
  return fleetsOf(all, tenant, gateways, [configuration]);
}

/** Returns the parents that delegate to a route of a configuration which admits them. */
const agreed = (parents: ParentTenants, tenant: string, configuration: Configuration): ParentTenants =>
  new Map(
    [...parents].filter(([name, { head }]) => head && delegates(head.configuration, name, tenant, configuration)),
  );

/** Whether a route of the parent delegates to a route of the tenant that admits it. */
function delegates(from: Configuration, parent: string, tenant: string, configuration: Configuration): boolean {
  if (delegationOf(from).children.size === 0) return false;
  const children = new Map(
    [...configuration.entries('route')].map(([name, { parents }]) => [formatReference({ tenant, name }), parents]),
  );
  return [...from.entries('route')].some(([name, route]) =>
    targetsOf(route).some((each) => admitsParent(children.get(each), formatReference({ tenant: parent, name }))),
  );
}
