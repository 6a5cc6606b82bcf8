import type { Settings } from '../settings.ts';
import type { Fleet } from '../store/fleets.ts';

/**
 * Returns the largest number of nodes that are kept of a fleet. Nodes may have a new name at each start, and the token of
 * a dedicated fleet may be in its tenant's hands.
 */
export const mostNodes = (settings: Pick<Settings, 'nodes' | 'dedicatedNodes'>, { tenant }: Fleet): number =>
  tenant === undefined ? settings.nodes : Math.min(settings.nodes, settings.dedicatedNodes);
