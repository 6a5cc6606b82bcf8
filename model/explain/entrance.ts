/** Through which gateway and server a request comes in, and why it does not come in through another. */
import type { Scope } from '../binding/bind.ts';
import type { Configuration } from '../configuration.ts';
import { type Fleet, offers, refusal, selects } from '../fleet.ts';
import type { Steps } from '../steps.ts';
import { candidates, type HostPattern, matches } from '../values/host.ts';
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
 * The server that admits the requests of a scope: the first one, by name of its gateway, of the most specific host.
 *
 * @param gateways those to look at: of the route that serves the request, or all
 */
export function* entranceOf(
  configuration: Configuration,
  tenant: string,
  fleet: Fleet,
  scope: Scope,
  gateways: readonly string[],
): Steps<Entrance | undefined> {
  const order = [...candidates(scope.host)];
  let best: Entrance | undefined;
  let rank = order.length;
  for (const [gateway, spec] of configuration.entries('gateway', [...gateways].sort())) {
    if (!selects(spec, tenant, fleet)) continue;
    for (const [server, { port, hosts }] of spec.servers.entries()) {
      yield;
      if (port.number !== scope.port || !offers(fleet, port)) continue;
      for (const [index, host] of hosts.entries()) {
        const at = order.indexOf(host);
        if (at === -1 || at >= rank || refusal(fleet, host)) continue;
        rank = at;
        best = {
          resource: resourceName('gateway', gateway),
          gateway,
          server,
          path: `/servers/${server}/hosts/${index}`,
          host,
        };
      }
    }
  }
  return best;
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
): Steps<string[]> {
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
      else if (!offers(fleet, own))
        reasons.push(
          `${at} admits ${pattern}, but the fleet ${fleet.name} does not offer port ${port} for ${own.protocol}`,
        );
      else if (refused) reasons.push(`${at} names ${pattern}, but ${refused.reason}`);
      if (reasons.length === MOST) return reasons;
    }
  }
  return reasons;
}
