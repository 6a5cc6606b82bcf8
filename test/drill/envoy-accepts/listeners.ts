import * as compile from '../../../dataplane/compile/index.ts';
import type { Listener } from '../../../dataplane/envoy/gen/envoy/config/listener/v3/listener.ts';
import type { Configuration } from '../../../model/configuration.ts';
import type { Fleet } from '../../../model/fleet.ts';

/**
 * Builds the listeners of a fleet that serves one tenant. Listeners without filter chains are left out, as the agent
 * leaves them out.
 *
 * @param serial makes the names of one run unique
 */
export function compiledListeners(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  serial: number,
): Listener[] {
  const ports = compile.tenantListeners(fleet);
  return compile.listeners({ ...fleet, address: '127.0.0.1' }, {}).flatMap((listener) => {
    const port = ports.get(listener.name);
    if (!port) return [];
    const part = compile.partOf(configuration, tenant, fleet, port);
    const chains = [
      ...listener.chains,
      ...(part?.chains ?? []).map(({ message, needs }) => ({ owner: tenant, chain: message, needs })),
      ...(compile.hasChains(port) ? compile.tenantChains(configuration, tenant, fleet, port, '*') : []),
    ];
    // A port on which the tenant has nothing has only the chain of the fleet.
    if (chains.length === 0 || chains.length === listener.chains.length) return [];
    const message = compile.listenerMessage({ ...listener, chains, serverNames: part?.serverNames ?? [] });
    return [{ ...message, name: `${listener.name}-${serial}` }];
  });
}
