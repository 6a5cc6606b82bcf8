import type { Fleet, Node } from '../store/port.ts';

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
