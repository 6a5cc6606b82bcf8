/** Finds the parts of gateways, routes and upstreams that no current fleet serves, for the status of a revision. */

import type { Configuration } from '../configuration.ts';
import { denial, type Fleet, offers, portNotOffered, refusal, selects } from '../fleet.ts';
import type { Gateway, Server } from '../kinds/gateway.ts';
import type { Pausable } from '../pausable.ts';
import type { HostPattern } from '../values/host.ts';
import { isForeign, serverReference } from '../values/reference.ts';
import type { HostBinding } from './host-bindings.ts';
import { meshFleets } from './mesh.ts';

/** The fleets that serve a gateway, and the parts of the gateway that no fleet serves. */
export interface GatewayServing {
  /** Fleets that serve a part of it. */
  fleets: string[];
  /** The reason why no fleet serves the gateway; absent when one does. */
  reason?: string;
  /** Pointers to the parts that no fleet serves. */
  unserved?: { path: string; reason: string }[];
}

/**
 * Finds the fleets that serve a gateway, and the servers and hosts of the gateway that no fleet serves.
 *
 * @param fleets all fleets; those that the gateway does not select, or that are dedicated to another tenant, are
 *   ignored
 */
export function gatewayServing(gateway: Gateway, tenant: string, fleets: readonly Fleet[]): GatewayServing {
  const selected = fleets.filter((fleet) => selects(gateway, tenant, fleet));
  const serving = selected.filter((fleet) =>
    gateway.servers.some((server) => server.hosts.some((host) => servesHost(fleet, server, host))),
  );
  const unserved = gateway.servers.flatMap((server, at) => {
    const closed = whyUnserved(gateway, server, undefined, selected);
    if (closed !== undefined) return [{ path: `/servers/${at}`, reason: closed }];
    return server.hosts.flatMap((host, index) => {
      const reason = whyUnserved(gateway, server, host, selected);
      return reason === undefined ? [] : [{ path: `/servers/${at}/hosts/${index}`, reason }];
    });
  });
  if (serving.length === 0) return { fleets: [], reason: unserved[0]!.reason };
  return { fleets: serving.map(({ name }) => name), ...(unserved.length > 0 && { unserved }) };
}

/**
 * Removes the server hosts that no fleet serves from a binding. If none remains, the result has the reason. Otherwise
 * it has a reason for each server of which none remains.
 */
export function servedBinding(
  binding: HostBinding,
  configuration: Configuration,
  tenant: string,
  fleets: readonly Fleet[],
): HostBinding {
  const reasons: string[] = [];
  const lost = new Map<string, string>();
  const bound = binding.bound.filter(({ gateway, port: number, portName, protocol, host }) => {
    const opened = configuration.get('gateway', gateway)!;
    const selected = fleets.filter((fleet) => selects(opened, tenant, fleet));
    // Servers of one port and protocol that differ in `tls` are served by different ports of a fleet.
    const servers = opened.servers.filter(({ port }) => port.number === number && port.protocol === protocol);
    const all = servers.map((server) => whyUnserved(opened, server, host, selected));
    const reason = all.includes(undefined) ? undefined : all[0];
    if (reason !== undefined) reasons.push(reason);
    // What fleets do with a server of another tenant is not for this tenant to know.
    if (reason !== undefined && !isForeign(gateway)) lost.set(serverReference(gateway, portName), reason);
    return reason === undefined;
  });
  if (reasons.length === 0) return binding;
  const { unbound: _, ...rest } = binding;
  if (bound.length === 0) return { ...rest, bound, reason: reasons[0]! };
  for (const { gateway, portName } of bound) lost.delete(serverReference(gateway, portName));
  const unbound = [...(binding.unbound ?? []), ...[...lost].map(([gateway, reason]) => ({ gateway, reason }))];
  return { ...rest, bound, ...(unbound.length > 0 && { unbound }) };
}

/** The largest number of reported denials per upstream, because fleets may deny very many endpoints. */
const MOST_DENIED = 100;

/** An upstream to some of whose endpoints a fleet sends no requests. */
export interface DeniedUpstream {
  name: string;
  /** The first hundred denials: a JSON pointer to an address, and the fleet that sends no requests to it. */
  unserved: { path: string; fleet: string; reason: string }[];
  /** The number of further denials. An address that two fleets deny counts twice. */
  moreUnserved?: number;
}

/**
 * Finds the upstreams with endpoints to which a fleet that serves the tenant sends no requests. It pauses once per
 * endpoint.
 *
 * @param fleets all fleets; those that no gateway of the tenant selects are ignored
 */
export function* deniedUpstreams(
  configuration: Configuration,
  tenant: string,
  fleets: readonly Fleet[],
): Pausable<DeniedUpstream[]> {
  const gateways = [...configuration.entries('gateway')];
  const mesh = new Set(meshFleets(fleets, tenant, [configuration]));
  const serving = fleets.filter(
    (fleet) => mesh.has(fleet) || gateways.some(([, gateway]) => selects(gateway, tenant, fleet)),
  );
  const denied: DeniedUpstream[] = [];
  for (const [name, { endpoints }] of configuration.entries('upstream')) {
    const unserved: DeniedUpstream['unserved'] = [];
    let more = 0;
    for (const [index, { address }] of endpoints.entries()) {
      yield;
      for (const fleet of serving) {
        const reason = denial(fleet, address);
        if (reason === undefined) continue;
        if (unserved.length === MOST_DENIED) more++;
        else unserved.push({ path: `/endpoints/${index}/address`, fleet: fleet.name, reason });
      }
    }
    if (unserved.length > 0) denied.push({ name, unserved, ...(more > 0 && { moreUnserved: more }) });
  }
  return denied;
}

const servesHost = (fleet: Fleet, server: Server, host: HostPattern | undefined): boolean =>
  offers(fleet, server) && (host === undefined || refusal(fleet, host, server.port.protocol) === undefined);

function whyUnserved(
  { selector }: Gateway,
  server: Server,
  host: HostPattern | undefined,
  selected: readonly Fleet[],
): string | undefined {
  if (selected.some((fleet) => servesHost(fleet, server, host))) return undefined;
  const offering = selected.find((fleet) => offers(fleet, server));
  if (offering && host !== undefined) return refusal(offering, host, server.port.protocol)!.reason;
  const [first] = selected;
  if (first) return portNotOffered(first, server.port).message;
  const wanted = Object.entries(selector).map(([key, value]) => `${key}=${value}`);
  return `no fleet carries ${wanted.join(', ')}`;
}
