import type { HostPattern } from './host.ts';

/** A host counts once per five labels, because a lookup tries every wildcard above it. */
const LABELS = 5;

/**
 * Returns how much a host counts towards a tenant's limits on hosts. These limits bound the cost of comparing hosts.
 *
 * @example hostWeight('shop.example.com') // 1
 */
export function hostWeight(host: HostPattern): number {
  let labels = 1;
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) labels++;
  return Math.ceil(labels / LABELS);
}
