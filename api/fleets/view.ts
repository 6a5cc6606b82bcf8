import type { Fleet } from '../store/fleets.ts';
import type { Node } from '../store/nodes.ts';
import type { Stopped } from './change.ts';

export const fleetView = ({ name, labels, ports, address, tenant, denyDestinations, createdAt, seq }: Fleet) => ({
  name,
  labels,
  ports,
  ...(address !== undefined && { address }),
  ...(tenant !== undefined && { tenant }),
  denyDestinations,
  createdAt: new Date(createdAt).toISOString(),
  seq,
});

/** Only in the response to a change that left resources unserved. */
export const stoppedView = ({ stopped, stoppedCount }: Stopped) => (stoppedCount > 0 ? { stopped, stoppedCount } : {});

export const nodeView = ({ name, agent, version, connected, acked, live, lastSeenAt, listenerRejections }: Node) => ({
  name,
  agent,
  version,
  connected,
  acked,
  live,
  lastSeenAt: new Date(lastSeenAt).toISOString(),
  rejections: listenerRejections,
});
