import { enumerate } from '../../model/values/quote.ts';

/** The part of a node's status that the reason depends on. */
interface NodeProgress {
  node: string;
  connected: boolean;
  drained?: true;
  contested?: true;
  state: string;
}

/** The largest number of nodes that a reason names. */
const NAMED = 3;

/**
 * Says why a revision is not live on a fleet yet.
 *
 * @param state the state of the fleet
 * @param nodes all nodes of the fleet; one that is disconnected or drained delays nothing
 * @returns undefined when no node has work left
 * @example whyNotLive('pending', []) // 'no Envoy is connected'
 */
export function whyNotLive(state: string, nodes: readonly NodeProgress[]): string | undefined {
  if (state !== 'pending' && state !== 'acked') return undefined;
  const connected = nodes.filter((node) => node.connected);
  if (connected.length === 0) return 'no Envoy is connected';
  const waited = connected.filter(({ drained }) => !drained);
  if (waited.length === 0) return 'every connected Envoy is drained';
  const late = waited
    .filter((node) => node.state === state)
    .map(({ node, contested }) => (contested ? `${node} (two Envoys have this name)` : node));
  const names = late.slice(0, NAMED);
  if (late.length > NAMED) names.push(`${late.length - NAMED} more`);
  return state === 'pending'
    ? `not acknowledged yet by ${enumerate(names)}`
    : `acknowledged, but no probe has seen it yet through ${enumerate(names)}`;
}
