import type { Configuration } from '../../../model/configuration.ts';
import { deliveryOf, isHolderKind, type Kind, refersTo, type SpecOf } from '../../../model/kinds/index.ts';

/**
 * Whether each fleet that serves the tenant gets the same part of a change: all of it, and nothing else.
 *
 * @param before the configuration before the change
 * @param after the configuration after it
 * @param changed the changed resources
 * @returns false when a changed resource selects fleets or is delivered by reference, or when it refers, before or after
 *   the change, to a resource that is delivered by reference
 */
export const isSameForEachFleet = (
  before: Configuration,
  after: Configuration,
  changed: readonly { kind: Kind; name: string }[],
): boolean =>
  changed.every(
    ({ kind, name }) =>
      deliveryOf(kind) === 'always' &&
      !refersByDelivery(kind, before.get(kind, name)) &&
      !refersByDelivery(kind, after.get(kind, name)),
  );

/** Whether a resource refers to one that is delivered by reference. */
const refersByDelivery = <K extends Kind>(kind: K, spec: SpecOf<K> | undefined): boolean =>
  spec !== undefined && isHolderKind(kind) && refersTo(kind, spec).some((to) => deliveryOf(to.kind) === 'referenced');
