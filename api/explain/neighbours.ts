import { portZone } from '../../model/binding/ports.ts';
import { OwnerGateways } from '../../model/binding/shared-gateway.ts';
import type { Configuration } from '../../model/configuration.ts';
import { arrive } from '../../model/explain/arrival.ts';
import type { Neighbour, Others } from '../../model/explain/edge.ts';
import { type ClientRequest, connectionOf } from '../../model/explain/explain.ts';
import { canonicalHost } from '../../model/explain/lookup.ts';
import { serverNameIn } from '../../model/explain/tls.ts';
import { portsAt } from '../../model/fleet.ts';
import { sendsHost } from '../../model/values/protocol.ts';
import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import { combinedWith, type Owners, ownersOf } from '../publishing/sharing/owners.ts';
import type { Fleet } from '../store/fleets.ts';

/**
 * Finds what a fleet serves to other tenants, as far as a request depends on it: the tenants that have the host of the
 * request or the server name of its connection. Model and view decide what the asking tenant learns about them.
 *
 * @param configuration the combined configuration of the asking tenant, which the others see
 */
export async function othersAt(
  ctx: Context,
  tenant: string,
  fleet: Fleet,
  configuration: Configuration,
  request: ClientRequest,
): Promise<Others> {
  if (fleet.tenant !== undefined) return {};
  const { store } = ctx.services;
  const { port, scheme } = connectionOf(request, fleet);
  const ports = portsAt(fleet, port)
    .filter(({ protocol }) => !sendsHost(protocol))
    .map((each) => ({ fleet: fleet.name, port: portZone(each) }));
  const taken = ports.length > 0 ? await store.commits.takenPorts(tenant, ports) : [];
  const arrival = arrive(request, scheme);
  const own = 'status' in arrival ? undefined : canonicalHost(arrival.authority);
  let isHostOfOther = false;
  const hosts = new Set([...(own === undefined ? [] : [own]), ...(scheme === 'https' ? [serverNameIn(request)] : [])]);
  const names = new Set<string>();
  for (const host of hosts) {
    const holder = await store.commits.hostHolder(host);
    if (holder === undefined) continue;
    names.add(holder);
    isHostOfOther ||= host === own && holder !== tenant;
    // Below a wildcard of the holder, another tenant may have attached the host.
    for (const each of await store.attached.overlapping(tenant, [{ owner: holder, host }])) names.add(each.tenant);
  }
  names.delete(tenant);
  const asking = { name: tenant, head: undefined, gateways: new OwnerGateways(configuration, tenant, fleet) };
  const neighbours = await Promise.all([...names].map((name) => neighbour(ctx, name, fleet, asking)));
  return { neighbours: neighbours.flatMap((each) => each ?? []), isHostOfOther, isPortOfOther: taken.length > 0 };
}

type Owner = Owners extends ReadonlyMap<string, infer O> ? O : never;

/** Loads a tenant with its combined configuration on a fleet. @returns undefined when it was deleted since */
async function neighbour(ctx: Context, tenant: string, fleet: Fleet, own: Owner): Promise<Neighbour | undefined> {
  const { heads, store } = ctx.services;
  try {
    const { head } = await heads.look(tenant);
    const owners = await ownersOf(heads, head.configuration);
    const on = new Map(
      [...owners].map(([name, owner]) => [name, name === own.name ? own : onFleet(owner, fleet)] as const),
    );
    const attached = await store.attached.of(tenant);
    return { tenant, configuration: combinedWith(on, tenant, head.configuration, attached) };
  } catch (error) {
    if (error instanceof Problem && error.code === 'not-found') return undefined;
    throw error;
  }
}

const onFleet = (owner: Owner, fleet: Fleet): Owner =>
  owner.head ? { ...owner, gateways: new OwnerGateways(owner.head.configuration, owner.name, fleet) } : owner;
