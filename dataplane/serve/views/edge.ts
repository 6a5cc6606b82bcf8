import * as compile from '../../compile/index.ts';
import type { View } from '../view.ts';

/**
 * The view of an Envoy at the edge of a fleet. The Envoy gets all listeners of the fleet. It loads the routes of a host
 * by scope, with the first request for the host.
 */
export const edge: View = {
  role: 'edge',
  listeners: ({ catalog, probe }) => {
    const { description } = catalog.state;
    if (!description) return undefined;
    const { portRanges, ports } = description;
    const ranged = portRanges
      ? catalog.state.replica.portKeys.all().flatMap((key) => compile.rangedPort(description, key) ?? [])
      : [];
    const open = { ...description, ports: [...ports, ...ranged] };
    const all = compile.listeners(open, probe === undefined ? {} : { probe });
    return new Map(all.map((listener) => [listener.name, listener]));
  },
  listener: (client, name) => {
    const { complete } = client.catalog.state;
    const { description } = client.catalog.state;
    // A fleet may use thousands of ports of its ranges.
    const ranged = description && compile.rangedPortNamed(description, name);
    if (ranged) return client.tenantChains.target(compile.listener(ranged, description.address));
    const listeners = edge.listeners(client);
    if (!listeners) return 'later';
    const found = listeners.get(name);
    if (found) return client.tenantChains.target(found);
    return complete ? 'absent' : 'later';
  },
  cluster: (resource) => resource,
  forms: ['first', 'second'],
  getsClustersFirst: true,
  hasScope: (key) => !compile.isMeshKey(key),
  terminatesTls: true,
  usesScopes: true,
};
