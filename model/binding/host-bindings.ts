/** Finds which hosts of gateway servers admit the hosts of routes, for the status of routes. It ignores fleets. */

import type { Configuration } from '../configuration.ts';
import type { Server } from '../kinds/gateway.ts';
import { edgeGatewaysOf } from '../kinds/route.ts';
import type { Pausable } from '../pausable.ts';
import { type HostPattern, patternsCovering } from '../values/host.ts';
import { carries, type Labels } from '../values/labels.ts';
import { type ServerProtocol, sendsHost, transportOf } from '../values/protocol.ts';
import { enumerate } from '../values/quote.ts';
import { isForeign, parseBinding } from '../values/reference.ts';
import { boundServers, namesGateway } from './bound-servers.ts';
import { handlingOf } from './handling.ts';
import { HostIndex } from './host-index.ts';
import { hasSectionFor } from './ports.ts';
import type { ServerHost } from './server-hosts.ts';

/** One host of a route, with the hosts of gateway servers that admit it. */
export interface HostBinding {
  host: HostPattern;
  bound: { gateway: string; port: number; portName: string; protocol: ServerProtocol; host: HostPattern }[];
  /** The reason when no server admits the host; a sentence for people. */
  reason?: string;
  /** The entries of the route's `gateways` through which the host is not bound, if it is bound through others. */
  unbound?: { gateway: string; reason: string }[];
}

/**
 * Finds the server hosts that admit each host of these routes, one route after the other.
 *
 * @param routes the names of the routes; default: all
 * @param most the number of bindings to find per host. Without it, a wildcard may have as many as the gateways have
 *   hosts
 * @returns a generator that yields the bindings of each route, or undefined for a pause
 */
export function* hostBindings(
  configuration: Configuration,
  routes = configuration.names('route'),
  most = Number.POSITIVE_INFINITY,
): Generator<[route: string, hosts: HostBinding[]] | undefined> {
  if (routes.length === 0) return;
  const byGateway = new Map<string, HostIndex<ServerHost>>();
  const byHost = new Map<HostPattern, ServerHost[]>();
  for (const [gateway, { servers }] of configuration.entries('gateway')) {
    const own = new HostIndex<ServerHost>();
    byGateway.set(gateway, own);
    for (const [server, { hosts }] of servers.entries()) {
      yield;
      for (const host of hosts) {
        const admitting = { gateway, server, host };
        own.add(host, admitting);
        const there = byHost.get(host);
        if (there) there.push(admitting);
        else byHost.set(host, [admitting]);
      }
    }
  }
  const serverHosts: ServerHosts = { configuration, byGateway, byHost, first: new Map(), most };
  for (const name of routes) yield [name, yield* bindingsOf(serverHosts, name)];
}

interface ServerHosts {
  configuration: Configuration;
  byGateway: ReadonlyMap<string, HostIndex<ServerHost>>;
  byHost: ReadonlyMap<HostPattern, ServerHost[]>;
  /** The results of {@link firstListing}. */
  first: Map<string, ServerHost | undefined>;
  most: number;
}

/** The number of server hosts that are compared with one host between two pauses. */
const STRIDE = 100;

function* bindingsOf(serverHosts: ServerHosts, name: string): Pausable<HostBinding[]> {
  const { configuration, byGateway, most } = serverHosts;
  const route = configuration.get('route', name);
  if (!route) return [];
  const gateways = edgeGatewaysOf(route);
  const rivals = new Rivals(serverHosts, gateways);
  const all: HostBinding[] = [];
  for (const host of route.hosts ?? (route.parents ? [] : ['*'])) {
    const bound = new Map<string, HostBinding['bound'][number]>();
    const without = new Map<string, Missed>();
    let looked = 0;
    yield;
    for (const text of gateways) {
      const { gateway, portName } = parseBinding(text);
      let firstRival: ServerHost | undefined;
      let other: Server | undefined;
      let isBound = false;
      for (const [admitting, common] of byGateway.get(gateway)?.overlapping(host) ?? []) {
        if (bound.size >= most) break;
        if (++looked % STRIDE === 0) yield;
        const server = configuration.get('gateway', gateway)!.servers[admitting.server]!;
        const { port } = server;
        if (portName !== undefined && port.name !== portName) continue;
        if (!hasSectionFor(route, server)) {
          other ??= server;
          continue;
        }
        const rival = sendsHost(port.protocol) ? yield* rivals.rivalOf(admitting, common) : undefined;
        firstRival ??= rival;
        if (rival) continue;
        isBound = true;
        bound.set(`${gateway}|${port.number}|${common}`, {
          gateway,
          port: port.number,
          portName: port.name,
          protocol: port.protocol,
          host: common,
        });
      }
      if (!isBound && bound.size < most) without.set(text, { rival: firstRival, other });
    }
    all.push(bindingOf(configuration, gateways, host, [...bound.values()], without));
  }
  return all;
}

/** What was found instead of a server that admits a host. */
interface Missed {
  /** A server with a more specific host, of a gateway that the route does not name. */
  rival: ServerHost | undefined;
  /** A server that admits the host, for which the route has no rule. */
  other: Server | undefined;
}

function bindingOf(
  configuration: Configuration,
  gateways: readonly string[],
  host: HostPattern,
  bound: HostBinding['bound'],
  without: ReadonlyMap<string, Missed>,
): HostBinding {
  if (bound.length === 0 && gateways.length === 0) return { host, bound };
  if (bound.length === 0) {
    const missed = [...without.values()];
    const rival = missed.find((each) => each.rival)?.rival;
    return {
      host,
      bound,
      reason: whyUnbound(configuration, gateways, host, { rival, other: missed.find((each) => each.other)?.other }),
    };
  }
  const unbound = [...without].map(([gateway, missed]) => ({
    gateway,
    reason: whyUnbound(configuration, [gateway], host, missed),
  }));
  return { host, bound, ...(unbound.length > 0 && { unbound }) };
}

/** Finds servers that admit requests in place of the servers of one route. */
class Rivals {
  readonly #serverHosts: ServerHosts;
  readonly #own: readonly string[];
  /** Whether the route is bound to a server with the host, by host, gateway and port. */
  readonly #isOwn = new Map<string, boolean>();

  constructor(serverHosts: ServerHosts, own: readonly string[]) {
    this.#serverHosts = serverHosts;
    this.#own = own;
  }

  /** Finds a server, of a gateway that the route does not name, that admits the requests for `host` instead. */
  *rivalOf(admitting: ServerHost, host: HostPattern): Pausable<ServerHost | undefined> {
    const { configuration, byHost } = this.#serverHosts;
    const { selector, servers } = configuration.get('gateway', admitting.gateway)!;
    const { number } = servers[admitting.server]!.port;
    for (const above of patternsCovering(host)) {
      if (above === admitting.host) return undefined;
      if (!byHost.has(above)) continue;
      const key = `${above}|${admitting.gateway}|${number}`;
      let isOwn = this.#isOwn.get(key);
      if (isOwn === undefined) {
        yield;
        this.#isOwn.set(key, (isOwn = this.#binds(above, selector, number)));
      }
      if (isOwn) return undefined;
      const first = yield* firstListing(this.#serverHosts, above, selector, number);
      if (first) return first;
    }
    return undefined;
  }

  /** Whether the route is bound to a server with this host and port that every fleet of a selector serves. */
  #binds(host: HostPattern, selector: Labels, port: number): boolean {
    const { configuration, byGateway } = this.#serverHosts;
    return this.#own.some((text) => {
      const { gateway, portName } = parseBinding(text);
      const spec = configuration.get('gateway', gateway);
      if (!spec || !carries(selector, spec.selector)) return false;
      return byGateway
        .get(gateway)!
        .at(host)
        .some((each) => {
          const server = spec.servers[each.server]!;
          return server.port.number === port && (portName === undefined || server.port.name === portName);
        });
    });
  }
}

/**
 * Finds the first server with this host and port that every fleet of a selector serves. Very many servers may have one
 * host, so the result is kept for all routes.
 */
function* firstListing(
  { configuration, byHost, first }: ServerHosts,
  host: HostPattern,
  selector: Labels,
  port: number,
): Pausable<ServerHost | undefined> {
  const key = `${host}|${port}|${JSON.stringify(selector)}`;
  if (first.has(key)) return first.get(key);
  let looked = 0;
  let found: ServerHost | undefined;
  for (const each of byHost.get(host) ?? []) {
    if (++looked % STRIDE === 0) yield;
    const gateway = configuration.get('gateway', each.gateway)!;
    if (gateway.servers[each.server]!.port.number !== port || !carries(selector, gateway.selector)) continue;
    found = each;
    break;
  }
  first.set(key, found);
  return found;
}

function whyUnbound(
  configuration: Configuration,
  gateways: readonly string[],
  host: HostPattern,
  { rival, other }: Missed,
): string {
  const missing = gateways.filter((text) => boundServers(configuration, text).length === 0);
  if (missing.length === gateways.length)
    return missing.every(isForeign)
      ? `the gateway ${enumerate(missing)} does not admit routes of this tenant`
      : `there is no gateway ${enumerate(missing)}`;
  if (rival)
    return `the gateway ${rival.gateway} admits ${rival.host}, which is more specific, and the route is not bound to that ${namesGateway(gateways, rival.gateway) ? 'server' : 'gateway'}`;
  if (other) return whyNotFor(other);
  return `no server of ${enumerate(gateways)} admits ${host}`;
}

/** Says which rules the route would need for a server that admits its host. */
function whyNotFor(server: Server): string {
  const { port, tls } = server;
  const place = `port ${port.number} (${port.protocol}${tls?.mode && handlingOf(server) !== 'requests' ? `, ${tls.mode}` : ''})`;
  const needed = rulesFor(server);
  if (needed === undefined) return `${place} serves no routes: the server name of a connection names the upstream`;
  return `the route has no ${needed} rule for ${place}`;
}

/** Returns the kind of the rules that serve the requests or connections to a server; undefined when none do. */
function rulesFor(server: Server): string | undefined {
  if (!sendsHost(server.port.protocol)) return transportOf(server.port.protocol);
  switch (handlingOf(server)) {
    case 'requests':
      return 'http';
    case 'passthrough':
      return 'tls';
    case 'decrypted':
      return 'tls or tcp';
    case 'automatic':
      return undefined;
  }
}
