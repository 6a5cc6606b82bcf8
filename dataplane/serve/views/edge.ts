import * as compile from '../../compile/index.ts';
import type { View } from '../view.ts';

/**
 * An Envoy at the edge of a fleet: it has all of the fleet's listeners, and loads the routes of a host with the host's
 * first request, by scope.
 */
export const edge: View = {
  role: 'edge',
  listeners: ({ answers, probe }) => {
    const { description } = answers.fleet;
    if (!description) return undefined;
    const all = compile.listeners(description, probe === undefined ? {} : { probe });
    return new Map(all.map((listener) => [listener.name, listener]));
  },
  listener: (client, name) => {
    const { complete } = client.answers.fleet;
    const listeners = edge.listeners(client);
    if (!listeners) return 'later';
    const found = listeners.get(name);
    if (found) return client.tenantChains.target(found);
    return complete ? 'absent' : 'later';
  },
  forms: ['first', 'second'],
  getsClustersFirst: true,
  usesScopes: true,
};
