import { boundServers } from '../binding/bound-servers.ts';
import { getOrAdd } from '../binding/get-or-add.ts';
import { HostIndex } from '../binding/host-index.ts';
import { Configuration, type Resource } from '../configuration.ts';
import { arrive } from '../explain/arrival.ts';
import { candidatesFor, requestFor, type WitnessRequest } from '../explain/candidates.ts';
import { redirectOf } from '../explain/effect.ts';
import { explaining } from '../explain/explain.ts';
import type { Fleet } from '../fleet.ts';
import type { Gateway } from '../kinds/gateway.ts';
import type { Route } from '../kinds/route.ts';
import { mismatching } from '../matching/mismatch.ts';
import { redirectTarget } from '../matching/redirect.ts';
import type { Pausable } from '../pausable.ts';
import type { Match } from '../route/match.ts';
import type { Rule } from '../route/rule.ts';
import { covers, type HostPattern, patternsCovering } from '../values/host.ts';
import { carries } from '../values/labels.ts';
import { type Protocol, protocolsFor } from '../values/protocol.ts';
import { clipped } from '../values/quote.ts';
import { parseBinding } from '../values/reference.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/** The number of redirects that a request follows. */
const MOST_HOPS = 10;
/** How often a rule redirects one request before it counts as a loop, even if every URL is new. */
const MOST_VISITS = 5;
/** The number of requests that are followed per check. Each reads the hosts of all routes. */
const MOST_REQUESTS = 50;
/** The number of redirects that are compared with a place per check. One with several conditions counts for each. */
const MOST_COMPARED = 50_000;
/** The number of hosts per route that are compared with the hosts of a server. */
const MOST_HOSTS = 8;

/**
 * Warns about redirects that lead back to themselves. It follows a request that the rule matches through the rules of
 * the tenant. Only a redirect to a server of the same gateways is followed, so that a usual redirect to https costs
 * little. Clients may get other cookies on their way, so rules that test or set cookies have no warning.
 */
export const redirectLoops: Check = function* (configuration, { warnings }, names) {
  let requests = 0;
  let compared = 0;
  const hosts = new HostsOfServers();
  for (const [name, route] of configuration.entries('route', names.route)) {
    yield;
    if (!route.http?.some(({ redirect }) => redirect)) continue;
    const places = new Places(yield* placesOf(configuration, route, hosts), hosts);
    for (const [rule, spec] of route.http.entries()) {
      if (!spec.redirect || setsCookie(spec)) continue;
      search: for (const place of places.all) {
        yield;
        if (++compared > MOST_COMPARED) return;
        if (!places.mayHaveTarget(spec, place)) continue;
        for (const condition of spec.match ?? [{}]) {
          yield;
          if (condition.cookies) continue;
          if (++compared > MOST_COMPARED) return;
          const mayLoop = places.sendBack(place) || (yield* matchesAgain(spec, condition, place));
          if (!mayLoop) continue;
          if (++requests > MOST_REQUESTS) return;
          const url = yield* loopFrom(configuration, { name, rule, condition }, place);
          if (url === undefined) continue;
          warnings.push({
            resource: resourceName('route', name),
            path: `/http/${rule}/redirect`,
            code: 'redirect-loop',
            message: `never ends: a request for ${clipped(url)} is redirected to this rule again`,
            hint: 'let the rule match fewer requests, for example with `scheme: { exact: http }` for a redirect to https',
          });
          break search;
        }
      }
    }
  }
};

/** A place at which requests for a route arrive. */
interface Place {
  gateway: Gateway;
  port: number;
  protocol: Protocol;
  host: HostPattern;
  /** Whether the server redirects all requests to https. */
  redirects: boolean;
}

/** Finds hosts of servers. It reads the hosts of each server, and of each gateway, only once. */
class HostsOfServers {
  readonly #byServer = new Map<readonly HostPattern[], HostIndex<true>>();
  readonly #byGateway = new Map<Gateway, HostIndex<true>>();

  /** Returns a host pattern that a server and a route have in common. */
  common(admitted: readonly HostPattern[], host: HostPattern): HostPattern | undefined {
    const [first] = getOrAdd(this.#byServer, admitted, () => indexOf([admitted])).overlapping(host);
    return first?.[1];
  }

  /** Whether a server of a gateway has a pattern that covers a host. */
  covers(gateway: Gateway, host: HostPattern): boolean {
    const index = getOrAdd(this.#byGateway, gateway, () => indexOf(gateway.servers.map(({ hosts }) => hosts)));
    for (const above of patternsCovering(host)) if (index.at(above).length > 0) return true;
    return false;
  }
}

function indexOf(lists: readonly (readonly HostPattern[])[]): HostIndex<true> {
  const index = new HostIndex<true>();
  for (const hosts of lists) for (const host of hosts) index.add(host, true);
  return index;
}

/**
 * Lists the places for HTTP and HTTPS through which a route is bound, each with one host of the route. Servers of one
 * gateway, port and protocol are one place.
 */
function* placesOf(
  configuration: Configuration,
  { gateways = [], hosts = [] }: Route,
  known: HostsOfServers,
): Pausable<Place[]> {
  const places = new Map<string, Place>();
  for (const text of gateways) {
    const name = parseBinding(text).gateway;
    const gateway = configuration.get('gateway', name);
    for (const { port, tls, hosts: admitted } of boundServers(configuration, text)) {
      yield;
      const [protocol] = protocolsFor(port.protocol, tls?.mode !== undefined);
      if (protocol !== 'HTTP' && protocol !== 'HTTPS') continue;
      const redirects = tls?.httpsRedirect === true;
      const key = `${name}|${port.number}|${protocol}|${redirects}`;
      if (places.has(key)) continue;
      for (const host of hosts.slice(0, MOST_HOSTS)) {
        const common = known.common(admitted, host);
        if (common === undefined) continue;
        places.set(key, { gateway: gateway!, port: port.number, protocol, host: common, redirects });
        break;
      }
    }
  }
  return [...places.values()];
}

/** The places at which requests for one route arrive. */
class Places {
  readonly all: readonly Place[];
  readonly #hosts: HostsOfServers;
  /** The gateways with a place, by scheme and port. */
  readonly #gateways = new Map<string, Set<Gateway>>();
  readonly #redirects: boolean;

  constructor(all: readonly Place[], hosts: HostsOfServers) {
    this.all = all;
    this.#hosts = hosts;
    this.#redirects = all.some(({ redirects }) => redirects);
    for (const { gateway, port, protocol } of all)
      getOrAdd(this.#gateways, `${protocol}${port}`, () => new Set<Gateway>()).add(gateway);
  }

  /** Whether the target of a redirect is a server of the same gateways. */
  mayHaveTarget({ redirect }: Rule, place: Place): boolean {
    // The condition changes only the path.
    const { scheme, host = place.host, port } = redirectTarget(redirect!, {}, place);
    const number = port === '' ? { http: 80, https: 443 }[scheme] : Number(port.slice(1));
    const gateways = this.#gateways.get(`${scheme === 'https' ? 'HTTPS' : 'HTTP'}${number}`);
    if (!gateways || host === place.host) return gateways !== undefined;
    return [...gateways].some((gateway) => this.#hosts.covers(gateway, host));
  }

  /** Whether another place could send requests back to this one. */
  sendBack({ protocol }: Place): boolean {
    return protocol === 'HTTPS' && this.#redirects;
  }
}

const setsCookie = ({ headers }: Rule): boolean =>
  [headers?.response?.set, headers?.response?.add].some((changes) =>
    Object.keys(changes ?? {}).some((name) => name.toLowerCase() === 'set-cookie'),
  );

/** Whether the condition matches the new URL of a request that it matches. Nearly always, it does not. */
function* matchesAgain(spec: Rule, condition: Match, place: Place): Pausable<boolean> {
  const request = firstRequest(condition, place);
  const arrival = arrive(request, request.scheme);
  if ('status' in arrival) return false;
  const rule = { spec, condition, route: '', rule: 0, match: 0, through: undefined };
  const next = following(request, yield* redirectOf(rule, arrival, place));
  const there = next && arrive(next, next.scheme);
  if (!there || 'status' in there || (condition.port ?? next.port) !== next.port) return false;
  return (yield* mismatching(condition, there)) === undefined;
}

function firstRequest(condition: Match, place: Place): WitnessRequest {
  const [candidate] = candidatesFor(condition);
  const authority = place.host.replace(/^\*$/, 'any.example').replace(/^\*/, 'any');
  return requestFor(candidate!, { ...place, authority });
}

/**
 * Follows a request that matches a condition.
 *
 * @returns the URL of the request when the redirects never end
 */
function* loopFrom(
  configuration: Configuration,
  { name, rule, condition }: { name: string; rule: number; condition: Match },
  start: Place,
): Pausable<string | undefined> {
  let request = firstRequest(condition, start);
  const first = urlOf(request);
  const seen = new Set<string>();
  for (let hop = 0, visits = 0; hop < MOST_HOPS; hop++) {
    yield;
    const fleet = fleetOf(configuration, start.gateway);
    const near = yield* around(configuration, fleet, request.authority.replace(/:\d+$/, ''));
    const found = yield* explaining(near, '', fleet, request);
    const isHere = found.outcome === 'matched' && found.rule.route === name && found.rule.rule === rule;
    if (hop === 0 && !isHere) return undefined;
    if (isHere && (seen.has(urlOf(request)) || ++visits === MOST_VISITS)) return first;
    seen.add(urlOf(request));
    const response = found.outcome === 'matched' ? found.effect : found.outcome === 'redirect' ? found : undefined;
    const next = response && 'location' in response ? following(request, response) : undefined;
    if (!next || !fleet.ports.some(({ number, protocol }) => number === next.port && speaks(protocol, next.scheme)))
      return undefined;
    request = next;
  }
  return undefined;
}

const speaks = (protocol: Protocol, scheme: string): boolean => protocol === (scheme === 'https' ? 'HTTPS' : 'HTTP');

const urlOf = ({ scheme, authority, port, path }: WitnessRequest): string =>
  `${scheme}://${authority.replace(/:\d+$/, '')}${port === { http: 80, https: 443 }[scheme] ? '' : `:${port}`}${path}`;

/** Returns the request that a client sends after a redirect; undefined when the location is no URL. */
function following(
  request: WitnessRequest,
  { status, location = '' }: { status?: number; location?: string },
): WitnessRequest | undefined {
  const [, scheme, authority = '', port, path] = /^(https?):\/\/([^/]*?)(?::(\d+))?(\/.*)$/.exec(location) ?? [];
  if ((scheme !== 'http' && scheme !== 'https') || path === undefined) return undefined;
  const repeats = status === 307 || status === 308 || request.method === 'HEAD';
  return {
    ...request,
    ...{ scheme, authority, path, method: repeats ? request.method : 'GET' },
    port: port === undefined ? { http: 80, https: 443 }[scheme] : Number(port),
  };
}

/** Makes a fleet that serves a gateway, with the ports of every gateway that it serves. */
function fleetOf(configuration: Configuration, { selector }: Gateway): Fleet {
  const ports = new Map<number, Fleet['ports'][number]>();
  for (const [, gateway] of configuration.entries('gateway')) {
    if (!carries(selector, gateway.selector)) continue;
    for (const { port, tls } of gateway.servers) {
      const [protocol] = protocolsFor(port.protocol, tls?.mode !== undefined);
      if (protocol === 'HTTP' || protocol === 'HTTPS')
        ports.set(port.number, { number: port.number, bind: port.number, protocol });
    }
  }
  return { name: 'any', labels: selector, ports: [...ports.values()], tenant: '' };
}

/** Returns the part of a configuration that answers the requests for a host. Its servers have certificates for it. */
function* around(configuration: Configuration, { labels }: Fleet, host: string): Pausable<Configuration> {
  const near = (pattern: HostPattern) => covers(pattern, host);
  const resources: Resource[] = [];
  for (const [name, gateway] of configuration.entries('gateway')) {
    yield;
    if (!carries(labels, gateway.selector)) continue;
    const servers = gateway.servers.flatMap((server) => {
      const hosts = server.hosts.filter(near);
      return hosts.length > 0 ? [{ ...server, hosts }] : [];
    });
    if (servers.length === 0) continue;
    resources.push({ kind: 'gateway', name, spec: { ...gateway, servers } });
    for (const { tls } of servers)
      for (const credential of [tls?.credentialName ?? [], tls?.credentialNames ?? []].flat())
        resources.push({ kind: 'certificate', name: credential, spec: { certificateChain: '' } });
  }
  for (const [name, spec] of configuration.entries('route')) {
    yield;
    if (!spec.hosts || spec.hosts.some(near)) resources.push({ kind: 'route', name, spec });
  }
  return Configuration.of(resources);
}
