/** The listeners of a fleet. Each protocol has one file in this folder. */
import { scopeTable } from '../../../model/binding/scope-table.ts';
import type { Configuration } from '../../../model/configuration.ts';
import type { Fleet } from '../../../model/fleet.ts';
import { listenerName, scopeKey } from '../values/names.ts';
import type { CompiledListener, OwnedChain, Port } from './listener.ts';
import { probe } from './probe.ts';
import { byProtocol } from './protocols.ts';

export { type CompiledListener, listenerMessage, type OwnedChain, type Port } from './listener.ts';

/** The part of a fleet from which its listeners are built. */
export interface ListeningFleet {
  ports: Fleet['ports'];
  /** The address that ports are bound to; default `0.0.0.0`. */
  address?: string;
}

/**
 * Builds one listener per port, and the probe listener, through which the agent reads the served versions.
 *
 * @param options.probe the path of the probe listener's Unix socket; without it, there is no probe listener
 * @returns the listeners of the ports by ascending number, then the probe listener
 */
export function listeners(
  { ports, address = '0.0.0.0' }: ListeningFleet,
  options: { probe?: string },
): CompiledListener[] {
  const open = [...ports]
    .sort((a, b) => a.number - b.number)
    .map((port) => byProtocol[port.protocol].listener(port, address));
  return options.probe === undefined ? open : [...open, probe(options.probe)];
}

/**
 * Finds the listeners in which tenants have filter chains of their own.
 *
 * @returns the ports of these listeners, by the name of the listener, such as `https-443`
 */
export const tenantListeners = ({ ports }: Pick<Fleet, 'ports'>): ReadonlyMap<string, Port> =>
  new Map(
    ports
      .filter(({ protocol }) => byProtocol[protocol].chain !== undefined)
      .map((port) => [listenerName(port.protocol, port.number), port]),
  );

/**
 * Builds the filter chain of one host in the listener of a port. The name of the chain is the key of the host's scope.
 *
 * @param port a port that {@link tenantListeners} returned
 * @param host the host pattern of a scope
 * @returns undefined when the tenant does not have the host, or the host needs no chain
 */
export function tenantChain(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  { number, protocol }: Port,
  host: string,
): OwnedChain | undefined {
  const scope = scopeTable(configuration, tenant, fleet).scope(number, host);
  const compiled = scope && byProtocol[protocol].chain?.(configuration, tenant, scope);
  if (!compiled) return undefined;
  return { owner: tenant, chain: { ...compiled.message, name: scopeKey(number, host) }, needs: compiled.needs };
}
