import * as compile from '../../compile/index.ts';
import type { View } from '../view.ts';
import { edge } from './edge.ts';

/**
 * Makes the view of an Envoy beside a service of a tenant. The service sends its requests through the Envoy's outbound
 * listener, which finds only the routes that are bound to `mesh`. No port of the fleet is open.
 *
 * @param outbound the address of the listener, `address:port`
 */
export function sidecar(outbound: string): View {
  const view: View = {
    ...edge,
    role: 'sidecar',
    listeners: ({ catalog, probe }) => {
      if (!catalog.state.description) return undefined;
      const all = compile.sidecarListeners(outbound, probe === undefined ? {} : { probe });
      return new Map(all.map((listener) => [listener.name, listener]));
    },
    listener: (client, name) => {
      const found = view.listeners(client)?.get(name);
      if (found) return client.tenantChains.target(found);
      return client.catalog.state.complete ? 'absent' : 'later';
    },
    hasScope: compile.isMeshKey,
    terminatesTls: false,
  };
  return view;
}
