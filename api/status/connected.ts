import type { Services } from '../context.ts';
import type { Node } from '../store/nodes.ts';

/** Whether a node is connected. An agent that has not reported for the time `nodeTimeout` is gone, and so are its nodes. */
export const isConnected = ({ clock, settings }: Services, { connected, lastSeenAt }: Node): boolean =>
  connected && clock() - lastSeenAt < settings.nodeTimeout;
