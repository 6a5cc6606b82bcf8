import type { HostPattern } from './host.ts';

/** A host counts once for each so many labels, because every wildcard above it is looked up. */
const LABELS = 5;

/**
 * How much a host counts towards the limits on hosts, which bound the cost of comparing them.
 *
 * @example hostWeight('shop.example.com') // 1
 */
export function hostWeight(host: HostPattern): number {
  let labels = 1;
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) labels++;
  return Math.ceil(labels / LABELS);
}
