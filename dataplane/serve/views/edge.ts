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
    const all = compile.listeners(description, probe === undefined ? {} : { probe });
    return new Map(all.map((listener) => [listener.name, listener]));
  },
  listener: (client, name) => {
    const { complete } = client.catalog.state;
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
