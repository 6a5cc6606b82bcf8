/** The listeners of a fleet. Each protocol has one file in this folder. */
import { getOrAdd } from '../../../model/binding/get-or-add.ts';
import { portBindings, portZone } from '../../../model/binding/ports.ts';
import { type ScopeTable, scopeTable } from '../../../model/binding/scope-table.ts';
import type { Configuration } from '../../../model/configuration.ts';
import { type Fleet, http3Refusal, portIn } from '../../../model/fleet.ts';
import { sendsHost } from '../../../model/values/protocol.ts';
import type { FilterChain } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import type { Compiled } from '../compiled.ts';
import { listenerName, parseListenerName, scopeKey } from '../values/names.ts';
import { forwards, limited, mostPerChain } from './client-share.ts';
import type { CompiledListener, OwnedChain, Part, Port } from './listener.ts';
import { outboundListener } from './outbound.ts';
import { probe } from './probe.ts';
import { byProtocol } from './protocols.ts';

export { type CompiledListener, listenerMessage, type OwnedChain, type Part, type Port } from './listener.ts';

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
  const open = listenerPorts({ ports })
    .sort((a, b) => a.number - b.number)
    .map((port) => ({
      ...byProtocol[port.protocol].listener(port, address),
      ...(port.proxyProtocol && { trustedPeers: port.proxyProtocol.trustedPeers }),
    }));
  return options.probe === undefined ? open : [...open, probe(options.probe)];
}

/** Builds the listeners of a sidecar: the one for the service beside it, at `address:port`, and the probe listener. */
export function sidecarListeners(outbound: string, options: { probe?: string }): CompiledListener[] {
  const all = [outboundListener(outbound)];
  return options.probe === undefined ? all : [...all, probe(options.probe)];
}

/** Lists the ports of the listeners: those of the fleet, and the UDP ports of HTTPS ports that can serve HTTP/3. */
const listenerPorts = ({ ports }: Pick<Fleet, 'ports'>): Port[] =>
  ports.flatMap((port) =>
    port.protocol === 'HTTPS' && http3Refusal({ name: '', ports }, port.number) === undefined
      ? [port, { ...port, protocol: 'HTTP3' as const }]
      : [port],
  );

/** Builds the listener of one port, as {@link listeners} does. */
export const listener = (port: Fleet['ports'][number], address = '0.0.0.0'): CompiledListener =>
  byProtocol[port.protocol].listener(port, address);

/** Returns the port of a fleet's port ranges to which the key of a scope belongs, such as `tcp/30001|*`. */
export function rangedPort(
  { portRanges = [] }: Pick<Fleet, 'portRanges'>,
  key: string,
): Fleet['ports'][number] | undefined {
  const [, zone, number] = /^((?:tcp|udp)\/(\d+))\|/.exec(key) ?? [];
  const ports = portRanges.flatMap((range) => portIn(range, Number(number)) ?? []);
  return ports.find((port) => portZone(port) === zone);
}

/** Returns the port of a fleet's port ranges by the name of its listener, such as `tcp-30001`. */
export function rangedPortNamed(
  { portRanges = [] }: Pick<Fleet, 'portRanges'>,
  name: string,
): Fleet['ports'][number] | undefined {
  const number = parseListenerName(name)?.port;
  if (number === undefined) return undefined;
  const ports = portRanges.flatMap((range) => portIn(range, number) ?? []);
  return ports.find((port) => listenerName(port.protocol, number) === name);
}

/** Whether tenants have filter chains for their hosts, or for a whole port, in the listener of a port. */
export const hasChains = ({ protocol }: Port): boolean =>
  (byProtocol[protocol].chain ?? byProtocol[protocol].portChains) !== undefined;

/**
 * Finds the listeners in which tenants have filter chains of their own.
 *
 * @returns the ports of these listeners, by the name of the listener, such as `https-443`
 */
export const tenantListeners = ({ ports }: Pick<Fleet, 'ports'>): ReadonlyMap<string, Port> =>
  new Map(
    listenerPorts({ ports })
      .filter((port) => hasChains(port) || byProtocol[port.protocol].part)
      .map((port) => [listenerName(port.protocol, port.number), port]),
  );

/**
 * Returns the zone under which the replica stores the tenants that have filter chains in the listener of a port.
 *
 * @returns the zone of the port's hosts; for a port that belongs to one tenant, the name of the port
 */
export const chainZone = ({ protocol, number }: Port): string =>
  protocol === 'HTTP3' || sendsHost(protocol) ? String(number) : portZone({ protocol, number });

/**
 * Builds the filter chains of one host in the listener of a port, or all filter chains of a port that belongs to one
 * tenant. The names of the chains begin with the key of the host's scope.
 *
 * @param port a port that {@link tenantListeners} returned
 * @param host the host pattern of a scope; `*` for a port that belongs to one tenant
 * @param share how many client connections the tenant's chains may forward in one Envoy; default: without limit
 * @returns an empty list when the tenant does not have the host, or the host needs no chain
 */
export function tenantChains(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  port: Port,
  host: string,
  share = Number.POSITIVE_INFINITY,
): OwnedChain[] {
  const key = scopeKey(chainZone(port), host);
  const own = ({ message, needs }: Compiled<FilterChain>, name: string): OwnedChain => ({
    owner: tenant,
    chain: { ...message, name },
    needs,
  });
  const kind = byProtocol[port.protocol];
  if (kind.portChains) {
    const binding = portBindings(configuration, tenant, fleet).get(chainZone(port));
    const chains = binding ? kind.portChains(configuration, tenant, binding) : [];
    const most = chains.some(forwards) ? mostForwarded(configuration, tenant, fleet, share) : share;
    return chains.map((each, index) => own(bounded(each, most), `${key}|${index}`));
  }
  const scope = scopeTable(configuration, tenant, fleet).scope(port.number, host);
  const compiled = scope && kind.chain?.(configuration, tenant, scope);
  return compiled ? [own(compiled, key)] : [];
}

const parts = new WeakMap<ScopeTable, Map<string, Part | undefined>>();

/**
 * Builds what a tenant adds to the listener of a port by the TLS profiles of its hosts, and by connections that are
 * forwarded. The result is the same object as long as the tenant's gateways and routes, the fleet and the limit of a chain
 * are the same.
 *
 * @param port a port that {@link tenantListeners} returned
 * @param share as in {@link tenantChains}
 */
export function partOf(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  port: Port,
  share = Number.POSITIVE_INFINITY,
): Part | undefined {
  const whole = partWithoutLimits(configuration, tenant, fleet, port);
  if (!whole?.chains.some(forwards) || share === Number.POSITIVE_INFINITY) return whole;
  const most = mostForwarded(configuration, tenant, fleet, share);
  return remembered(configuration, tenant, fleet, `${listenerName(port.protocol, port.number)} ${most}`, () => ({
    ...whole,
    chains: whole.chains.map((each) => bounded(each, most)),
  }));
}

const partWithoutLimits = (configuration: Configuration, tenant: string, fleet: Fleet, port: Port) => {
  const { part } = byProtocol[port.protocol];
  if (!part) return undefined;
  return remembered(configuration, tenant, fleet, listenerName(port.protocol, port.number), (table) =>
    part(configuration, table, tenant, port),
  );
};

function remembered(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  key: string,
  make: (table: ScopeTable) => Part | undefined,
): Part | undefined {
  const table = scopeTable(configuration, tenant, fleet);
  const ofTable = parts.get(table) ?? new Map<string, Part | undefined>();
  parts.set(table, ofTable);
  return getOrAdd(ofTable, key, () => make(table));
}

const bounded = (chain: Compiled<FilterChain>, most: number): Compiled<FilterChain> =>
  forwards(chain) && most !== Number.POSITIVE_INFINITY ? limited(chain, most) : chain;

/** The limits of the chains of a configuration, as they were computed last. */
const limits = new WeakMap<Configuration, { tenant: string; fleet: Fleet; share: number; most: number }>();

/** Returns the limit of each chain of a tenant that forwards connections, in all listeners of the fleet. */
function mostForwarded(configuration: Configuration, tenant: string, fleet: Fleet, share: number): number {
  if (share === Number.POSITIVE_INFINITY) return share;
  const last = limits.get(configuration);
  if (last && last.tenant === tenant && last.fleet === fleet && last.share === share) return last.most;
  const ofPorts = [...portBindings(configuration, tenant, fleet).values()].flatMap(
    (binding) => byProtocol[binding.protocol].portChains?.(configuration, tenant, binding) ?? [],
  );
  const byName = listenerPorts(fleet).flatMap(
    (port) => partWithoutLimits(configuration, tenant, fleet, port)?.chains ?? [],
  );
  const most = mostPerChain(configuration, tenant, [...ofPorts, ...byName].filter(forwards), share);
  limits.set(configuration, { tenant, fleet, share, most });
  return most;
}
