/** Finds the server that admits a request, or the reasons why no server admits it. */

import type { Scope } from '../binding/scope-table.ts';
import { gatewaysAdmitting } from '../binding/server-hosts.ts';
import type { Configuration } from '../configuration.ts';
import { type Fleet, offers, portNotOffered, refusal, selects } from '../fleet.ts';
import type { Pausable } from '../pausable.ts';
import { type HostPattern, matches, patternsCovering } from '../values/host.ts';
import { pointer } from '../values/pointer.ts';
import { enumerate } from '../values/quote.ts';
import { isForeign, MESH, parseBinding } from '../values/reference.ts';
import { resourceName } from '../violations.ts';

/** The server that admits a request, and the host in its list that does. */
export interface Entrance {
  /** `gateways/web`. */
  resource: string;
  gateway: string;
  /** Index in `servers`. */
  server: number;
  /** JSON pointer to the host, such as `/servers/0/hosts/1`; empty for a gateway of another tenant. */
  path: string;
  host: HostPattern;
}

/**
 * Returns the server that admits a request. With a route, it is the server through which the route is bound. Otherwise
 * it is the server of the first gateway by name.
 *
 * @param scope the scope of the request
 * @param route the name of the route that serves the request; absent when no route does
 */
export function entranceOf(configuration: Configuration, { admission, bound }: Scope, route?: string): Entrance {
  const { host, servers, forwarding } = admission;
  const through = bound.find((each) => each.route === route)?.through;
  // Every admission has at least one server.
  const { gateway, server } =
    through ?? [...servers.values(), ...forwarding.values()].sort((a, b) => (a.gateway < b.gateway ? -1 : 1))[0]!;
  if (gateway === MESH) return { resource: MESH, gateway, server, path: '', host };
  const { hosts } = configuration.get('gateway', gateway)!.servers[server]!;
  // The tenant does not see the hosts of a gateway of another tenant.
  const path = isForeign(gateway) ? '' : pointer(['servers', server, 'hosts', hosts.indexOf(host)]);
  return { resource: resourceName('gateway', gateway), gateway, server, path, host };
}

/** The largest number of reasons. A reader needs no more. */
const MOST = 10;

/**
 * Finds the reasons why servers with a matching host do not admit a request on a fleet and port. It pauses once per
 * server.
 *
 * @param port the port that the client connected to
 * @param host the host of the request, as `normalise` writes it
 * @returns one sentence per server; at most ten
 */
export function* whyNotAdmitted(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  port: number,
  host: string,
): Pausable<string[]> {
  const reasons: string[] = [];
  for (const [gateway, spec] of configuration.entries('gateway')) {
    for (const [server, opening] of spec.servers.entries()) {
      yield;
      const { port: own, hosts } = opening;
      const pattern = hosts.find((each) => matches(each, host));
      if (pattern === undefined) continue;
      const at = `server ${server} of the gateway ${gateway}`;
      const refused = refusal(fleet, pattern, own.protocol);
      if (!selects(spec, tenant, fleet))
        reasons.push(`${at} admits ${pattern}, but the fleet ${fleet.name} does not carry the labels it selects`);
      else if (own.number !== port) reasons.push(`${at} admits ${pattern} on port ${own.number} (${own.protocol})`);
      else if (!offers(fleet, opening))
        reasons.push(`${at} admits ${pattern}, but ${portNotOffered(fleet, own).message}`);
      else if (refused) reasons.push(`${at} names ${pattern}, but ${refused.reason}`);
      if (reasons.length === MOST) return reasons;
    }
  }
  return reasons;
}

/**
 * Finds routes that have the host of a scope, but are bound to other servers of the gateways that admit it. It pauses
 * once per route.
 *
 * @returns one sentence per route; at most ten
 */
export function* boundToOtherServers(configuration: Configuration, { host, admission }: Scope): Pausable<string[]> {
  const reasons: string[] = [];
  const admitting = gatewaysAdmitting(admission);
  const above = new Set(patternsCovering(host));
  for (const [name, { hosts = [], gateways = [] }] of configuration.entries('route')) {
    yield;
    const named = gateways.filter((text) => admitting.includes(parseBinding(text).gateway));
    if (named.length === 0 || !hosts.some((each) => above.has(each))) continue;
    reasons.push(`${resourceName('route', name)} is bound only to ${enumerate(named)}`);
    if (reasons.length === MOST) return reasons;
  }
  return reasons;
}
