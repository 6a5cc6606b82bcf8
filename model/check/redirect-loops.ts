import { boundServers } from '../binding/bound-servers.ts';
import { Configuration } from '../configuration.ts';
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
import { covers, type HostPattern, intersect } from '../values/host.ts';
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
/** The number of hosts per route that are compared with the hosts of a server. */
const MOST_HOSTS = 8;

/**
 * Warns about redirects that lead back to themselves. It follows a request that the rule matches through the rules of
 * the tenant. Only a redirect to a server of the same gateways is followed, so that a usual redirect to https costs
 * little. Clients may get other cookies on their way, so rules that test or set cookies have no warning.
 */
export const redirectLoops: Check = function* (configuration, { warnings }, names) {
  let requests = 0;
  const known: KnownHosts = new Map();
  for (const [name, route] of configuration.entries('route', names.route)) {
    yield;
    if (!route.http?.some(({ redirect }) => redirect)) continue;
    const places = placesOf(configuration, route, known);
    for (const [rule, spec] of route.http.entries()) {
      if (!spec.redirect || setsCookie(spec)) continue;
      yield;
      const starts = (spec.match ?? [{}]).flatMap((condition) =>
        condition.cookies
          ? []
          : places.filter((place) => mayReturn(spec, condition, place, places)).map((place) => ({ condition, place })),
      );
      for (const { condition, place } of starts) {
        const mayLoop = sendsBack(place, places) || (yield* matchesAgain(spec, condition, place));
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
        break;
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

/** The hosts of servers as sets. */
type KnownHosts = Map<readonly HostPattern[], ReadonlySet<HostPattern>>;

/** Lists the servers for HTTP and HTTPS through which a route is bound, each with one host of the route. */
function placesOf(configuration: Configuration, { gateways = [], hosts = [] }: Route, known: KnownHosts): Place[] {
  const places: Place[] = [];
  for (const text of gateways) {
    const gateway = configuration.get('gateway', parseBinding(text).gateway);
    for (const { port, tls, hosts: admitted } of boundServers(configuration, text)) {
      let exact = known.get(admitted);
      if (!exact) known.set(admitted, (exact = new Set(admitted)));
      const [protocol] = protocolsFor(port.protocol, tls?.mode !== undefined);
      if (protocol !== 'HTTP' && protocol !== 'HTTPS') continue;
      for (const host of hosts.slice(0, MOST_HOSTS)) {
        const common = exact.has(host)
          ? host
          : admitted.map((each) => intersect(each, host)).find((each) => each !== undefined);
        if (common === undefined) continue;
        const redirects = tls?.httpsRedirect === true;
        places.push({ gateway: gateway!, port: port.number, protocol, host: common, redirects });
        break;
      }
    }
  }
  return places;
}

/** Whether a redirect leads to a server of the same gateways. */
function mayReturn({ redirect }: Rule, condition: Match, place: Place, places: readonly Place[]): boolean {
  const { scheme, host = place.host, port } = redirectTarget(redirect!, condition, place);
  const number = port === '' ? { http: 80, https: 443 }[scheme] : Number(port.slice(1));
  return places.some(
    (each) =>
      each.port === number &&
      (each.protocol === 'HTTPS') === (scheme === 'https') &&
      (host === place.host || each.gateway.servers.some(({ hosts }) => hosts.some((pattern) => covers(pattern, host)))),
  );
}

const setsCookie = ({ headers }: Rule): boolean =>
  [headers?.response?.set, headers?.response?.add].some((changes) =>
    Object.keys(changes ?? {}).some((name) => name.toLowerCase() === 'set-cookie'),
  );

/** Whether another server could send requests back to this place. */
const sendsBack = ({ protocol }: Place, places: readonly Place[]): boolean =>
  protocol === 'HTTPS' && places.some(({ redirects }) => redirects);

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
    const near = around(configuration, fleet, request.authority.replace(/:\d+$/, ''));
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
function around(configuration: Configuration, { labels }: Fleet, host: string): Configuration {
  const near = (pattern: HostPattern) => covers(pattern, host);
  const gateways = [...configuration.entries('gateway')].flatMap(([name, gateway]) => {
    const servers = gateway.servers.flatMap((server) => {
      const hosts = server.hosts.filter(near);
      return hosts.length > 0 ? [{ ...server, hosts }] : [];
    });
    return servers.length > 0 && carries(labels, gateway.selector) ? [{ name, spec: { ...gateway, servers } }] : [];
  });
  const credentials = gateways.flatMap(({ spec }) =>
    spec.servers.flatMap(({ tls }) => [tls?.credentialName ?? [], tls?.credentialNames ?? []].flat()),
  );
  const routes = [...configuration.entries('route')].flatMap(([name, spec]) =>
    !spec.hosts || spec.hosts.some(near) ? [{ kind: 'route' as const, name, spec }] : [],
  );
  return Configuration.of([
    ...gateways.map((each) => ({ kind: 'gateway' as const, ...each })),
    ...routes,
    ...credentials.map((name) => ({ kind: 'certificate' as const, name, spec: { certificateChain: '' } })),
  ]);
}
