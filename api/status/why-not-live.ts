import { enumerate } from '../../model/values/quote.ts';

/** The part of a node's status that the reason depends on. */
interface NodeProgress {
  node: string;
  connected: boolean;
  state: string;
}

/** The largest number of nodes that a reason names. */
const NAMED = 3;

/**
 * Says why a revision is not live on a fleet yet.
 *
 * @param state the state of the fleet
 * @param nodes all nodes of the fleet; a disconnected one delays nothing
 * @returns undefined when no node has work left
 * @example whyNotLive('pending', []) // 'no Envoy is connected'
 */
export function whyNotLive(state: string, nodes: readonly NodeProgress[]): string | undefined {
  if (state !== 'pending' && state !== 'acked') return undefined;
  const connected = nodes.filter((node) => node.connected);
  if (connected.length === 0) return 'no Envoy is connected';
  const late = connected.filter((node) => node.state === state).map(({ node }) => node);
  const names = late.slice(0, NAMED);
  if (late.length > NAMED) names.push(`${late.length - NAMED} more`);
  return state === 'pending'
    ? `not acknowledged yet by ${enumerate(names)}`
    : `acknowledged, but no probe has seen it yet through ${enumerate(names)}`;
}
