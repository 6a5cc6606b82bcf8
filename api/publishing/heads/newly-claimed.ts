import { isSelected } from '../../../model/kinds/index.ts';
import type { Pausable } from '../../../model/pausable.ts';
import type { HostPattern } from '../../../model/values/host.ts';
import { carries } from '../../../model/values/labels.ts';
import { claiming, isOnShared } from '../../serving/serving.ts';
import type { Fleet } from '../../store/fleets.ts';
import type { Change, Head } from './head.ts';

/**
 * Computes the hosts that a change claims: those of the written gateways that the tenant claims, except hosts that shared
 * fleets serve for the tenant already, and hosts that the same gateway had with the same selector.
 *
 * A gateway that has lost its fleet may have hosts that the tenant has not claimed. Another selector could lead it to a
 * fleet that begins to serve it at this moment, so the result contains these hosts when the selector changes.
 *
 * @param head the configuration before the change
 */
export function* newlyClaimed(
  fleets: readonly Fleet[],
  head: Head,
  changes: readonly Change[],
): Pausable<Set<HostPattern>> {
  const { tenant, configuration } = head;
  const added = new Set<HostPattern>();
  for (const change of changes) {
    if (change.verb !== 'put' || !isSelected(change)) continue;
    const { spec } = change;
    const before = configuration.get(change.kind, change.name);
    const isSame = before && carries(before.selector, spec.selector) && carries(spec.selector, before.selector);
    const had = isSame ? yield* claiming(fleets, tenant, [before]) : new Set();
    for (const host of yield* claiming(fleets, tenant, [spec])) if (!had.has(host)) added.add(host);
  }
  if (added.size === 0) return added;
  const served = head.gateways().filter((gateway) => isOnShared(fleets, tenant, gateway));
  for (const host of yield* claiming(fleets, tenant, served)) added.delete(host);
  return added;
}
