/** Finds which hosts of gateway servers admit the hosts of routes, for the status of routes. It ignores fleets. */

import type { Configuration } from '../configuration.ts';
import type { Server } from '../kinds/gateway.ts';
import { edgeGatewaysOf } from '../kinds/route.ts';
import type { Pausable } from '../pausable.ts';
import { type HostPattern, patternsCovering } from '../values/host.ts';
import { carries } from '../values/labels.ts';
import { type ServerProtocol, sendsHost, transportOf } from '../values/protocol.ts';
import { enumerate } from '../values/quote.ts';
import { isForeign, parseBinding } from '../values/reference.ts';
import { boundServers, namesGateway, namesServer } from './bound-servers.ts';
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
  const serverHosts: ServerHosts = { configuration, byGateway, byHost, most };
  for (const name of routes) yield [name, yield* bindingsOf(serverHosts, name)];
}

interface ServerHosts {
  configuration: Configuration;
  byGateway: ReadonlyMap<string, HostIndex<ServerHost>>;
  byHost: ReadonlyMap<HostPattern, ServerHost[]>;
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

/**
 * A server with a more specific host, which therefore admits the requests. `rival` is the server if the route does not
 * name its gateway. It is undefined if the route names the gateway.
 */
type Preceding = { rival: ServerHost | undefined };

/** Finds servers that admit requests in place of the servers of one route. */
class Rivals {
  readonly #serverHosts: ServerHosts;
  readonly #own: readonly string[];
  /** The results by gateway, port and host, because very many gateways may have the same host. */
  readonly #known = new Map<string, Preceding | undefined>();

  constructor(serverHosts: ServerHosts, own: readonly string[]) {
    this.#serverHosts = serverHosts;
    this.#own = own;
  }

  /** Finds a server, of a gateway that the route does not name, that admits the requests for `host` instead. */
  *rivalOf(admitting: ServerHost, host: HostPattern): Pausable<ServerHost | undefined> {
    const { number } = this.#serverHosts.configuration.get('gateway', admitting.gateway)!.servers[admitting.server]!
      .port;
    for (const above of patternsCovering(host)) {
      if (above === admitting.host) return undefined;
      const found = yield* this.#at(above, admitting.gateway, number);
      if (found) return found.rival;
    }
    return undefined;
  }

  *#at(host: HostPattern, gateway: string, port: number): Pausable<Preceding | undefined> {
    const hosts = this.#serverHosts.byHost.get(host);
    if (!hosts) return undefined;
    const key = `${gateway}|${port}|${host}`;
    if (!this.#known.has(key)) this.#known.set(key, yield* this.#look(hosts, gateway, port));
    return this.#known.get(key);
  }

  *#look(hosts: readonly ServerHost[], name: string, port: number): Pausable<Preceding | undefined> {
    const { configuration } = this.#serverHosts;
    const { selector } = configuration.get('gateway', name)!;
    let first: ServerHost | undefined;
    let looked = 0;
    for (const other of hosts) {
      if (++looked % STRIDE === 0) yield;
      const gateway = configuration.get('gateway', other.gateway)!;
      // A rival has the same port, and every fleet that serves this gateway also serves its gateway.
      const server = gateway.servers[other.server]!;
      if (!carries(selector, gateway.selector) || server.port.number !== port) continue;
      if (namesServer(this.#own, other.gateway, server)) return { rival: undefined };
      first ??= other;
    }
    return first && { rival: first };
  }
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
