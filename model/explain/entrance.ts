/** Finds the gateway and server that admit a request, and the reasons why other servers do not admit it. */
import type { Scope } from '../binding/scope-table.ts';
import type { Configuration } from '../configuration.ts';
import { type Fleet, offers, portNotOffered, refusal, selects } from '../fleet.ts';
import type { Pausable } from '../pausable.ts';
import { type HostPattern, matches } from '../values/host.ts';
import { pointer } from '../values/pointer.ts';
import { resourceName } from '../violations.ts';

/** A host of a server that admits requests. */
export interface Entrance {
  /** `gateways/web`. */
  resource: string;
  gateway: string;
  /** Index in `servers`. */
  server: number;
  /** JSON pointer to the host, such as `/servers/0/hosts/1`. */
  path: string;
  host: HostPattern;
}

/**
 * The server that admits the requests of a scope.
 *
 * @param route the route that serves the request: the result is the server through which the route is bound. Without a
 *   route, it is the server of the first gateway by name
 */
export function entranceOf(configuration: Configuration, { admission, bound }: Scope, route?: string): Entrance {
  const { host, servers } = admission;
  const through = bound.find((each) => each.route === route)?.through;
  // Every admission has a server.
  const { gateway, server } = through ?? [...servers.values()].sort((a, b) => (a.gateway < b.gateway ? -1 : 1))[0]!;
  const { hosts } = configuration.get('gateway', gateway)!.servers[server]!;
  const path = pointer(['servers', server, 'hosts', hosts.indexOf(host)]);
  return { resource: resourceName('gateway', gateway), gateway, server, path, host };
}

/** Reasons to collect; the first ones are enough to understand. */
const MOST = 10;

/**
 * Why servers that name the host do not admit the request on this fleet and port: one sentence per server, at most ten.
 *
 * @param host normalised
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
    for (const [server, { port: own, hosts }] of spec.servers.entries()) {
      yield;
      const pattern = hosts.find((each) => matches(each, host));
      if (pattern === undefined) continue;
      const at = `server ${server} of the gateway ${gateway}`;
      const refused = refusal(fleet, pattern);
      if (!selects(spec, tenant, fleet))
        reasons.push(`${at} admits ${pattern}, but the fleet ${fleet.name} does not carry the labels it selects`);
      else if (own.number !== port) reasons.push(`${at} admits ${pattern} on port ${own.number} (${own.protocol})`);
      else if (!offers(fleet, own)) reasons.push(`${at} admits ${pattern}, but ${portNotOffered(fleet, own).message}`);
      else if (refused) reasons.push(`${at} names ${pattern}, but ${refused.reason}`);
      if (reasons.length === MOST) return reasons;
    }
  }
  return reasons;
}
