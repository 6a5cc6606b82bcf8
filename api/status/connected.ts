import type { Services } from '../context.ts';
import type { Node } from '../store/nodes.ts';

/**
 * Whether a node is connected to its agent, and the agent still reports. An agent that has not reported for the time
 * `nodeTimeout` no longer runs, and its nodes count as disconnected.
 */
export const isConnected = (
  { clock, settings }: Services,
  { connected, lastSeenAt }: Pick<Node, 'connected' | 'lastSeenAt'>,
): boolean => connected && clock() - lastSeenAt < settings.nodeTimeout;
