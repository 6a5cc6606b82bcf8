import { meshFleets } from '../../../model/binding/mesh.ts';
import type { ForeignGateway } from '../../../model/binding/shared-gateway.ts';
import { isSelected } from '../../../model/kinds/index.ts';
import { inSlices, Pace } from '../../pace.ts';
import type { KnownFleets } from '../../serving/directory.ts';
import { missingIn, portsOf } from '../../serving/port-claims.ts';
import { claiming, fleetsOf, hostsOf } from '../../serving/serving.ts';
import type { Commit } from '../../store/commit.ts';
import type { Fleet } from '../../store/fleets.ts';
import type { Change, Head } from './head.ts';
import { newlyClaimed } from './newly-claimed.ts';

const noneShared = { before: [], after: [] };

/**
 * Computes the effects of a change outside the configuration of its tenant.
 *
 * @param head the configuration before the change
 * @param next the configuration after it
 * @param changes the changes that lead from `head` to `next`
 * @param shared the gateways of other tenants that routes name before and after the change
 * @returns the hosts and ports that the tenant claims and releases, and one feed row per fleet that serves the tenant
 *   before or after the change
 */
export async function effectsOf(
  { all }: KnownFleets,
  head: Head,
  next: Head,
  changes: readonly Change[],
  shared: { before: readonly ForeignGateway[]; after: readonly ForeignGateway[] } = noneShared,
): Promise<Pick<Commit, 'claims' | 'ports' | 'feeds'>> {
  const { tenant } = head;
  const before = head.gateways();
  const servedBefore = fleetsOf(all, tenant, [...before, ...shared.before], [head.configuration]);
  const isMeshSame =
    meshFleets(all, tenant, [head.configuration]).length === meshFleets(all, tenant, [next.configuration]).length;
  if (!changes.some(isSelected) && isMeshSame && shared.before.length === 0 && shared.after.length === 0)
    return {
      claims: { add: [], remove: [] },
      ports: { add: [], remove: [] },
      feeds: servedBefore.map(({ name }) => ({ fleet: name, base: head.revision, leaves: false })),
    };
  const after = next.gateways();
  const servedAfter = fleetsOf(all, tenant, [...after, ...shared.after], [next.configuration]);
  const pace = new Pace(before.length + after.length);
  const added = await inSlices(newlyClaimed(all, head, changes), pace);
  const claimedAfter = await inSlices(claiming(all, tenant, after), pace);
  const [portsBefore, portsAfter] = [portsOf(all, tenant, before), portsOf(all, tenant, after)];
  const feed = (fleet: Fleet, leaves: boolean) => ({
    fleet: fleet.name,
    base: servedBefore.includes(fleet) ? head.revision : 0,
    leaves,
  });
  return {
    claims: {
      add: [...added],
      remove: [...hostsOf(before)].filter((host) => !claimedAfter.has(host)),
    },
    ports: { add: missingIn(portsAfter, portsBefore), remove: missingIn(portsBefore, portsAfter) },
    feeds: [
      ...servedAfter.map((fleet) => feed(fleet, false)),
      ...servedBefore.filter((fleet) => !servedAfter.includes(fleet)).map((fleet) => feed(fleet, true)),
    ],
  };
}
