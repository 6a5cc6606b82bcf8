/** Which hosts are served where, by which routes: gateways opened by fleets, met by routes. */
import type { Configuration } from './configuration.ts';
import { type Fleet, offers, refusal, selects } from './fleet.ts';
import { candidates, compareSpecificity, covers, type HostPattern } from './host.ts';

/** One (port, host) a fleet answers for a tenant. Without routes it is admitted but answers 404. */
export interface Scope {
  port: number;
  protocol: 'HTTP' | 'HTTPS';
  host: HostPattern;
  /** HTTPS only: the certificate of the most specific server host that admits this one. */
  credentialName?: string;
  /** In order of precedence: the more specific own host first, then by name. */
  routes: string[];
}

/** A host of a server: the door a route's host may go through. */
export interface Door {
  gateway: string;
  server: number;
  host: HostPattern;
}

/** The doors of one gateway, found by host. */
export class Doors {
  readonly #byHost = new Map<HostPattern, Door[]>();

  add(door: Door): void {
    const there = this.#byHost.get(door.host);
    if (there) there.push(door);
    else this.#byHost.set(door.host, [door]);
  }

  /** Each door that `host` meets, with the pattern they have in common. */
  *meeting(host: HostPattern): Generator<[door: Door, common: HostPattern]> {
    for (const above of candidates(host)) for (const door of this.#byHost.get(above) ?? []) yield [door, host];
    if (!host.startsWith('*')) return;
    for (const [below, doors] of this.#byHost) {
      if (below !== host && covers(host, below)) for (const door of doors) yield [door, below];
    }
  }

  *[Symbol.iterator](): Generator<Door> {
    for (const doors of this.#byHost.values()) yield* doors;
  }
}

export function doorsOf(configuration: Configuration, gateway: string): Doors {
  const doors = new Doors();
  configuration.get('gateway', gateway)?.servers.forEach((server, index) => {
    for (const host of server.hosts) doors.add({ gateway, server: index, host });
  });
  return doors;
}

/** What one fleet serves of one tenant, found by port and host. */
export class Served {
  readonly #scopes = new Map<string, Scope>();

  constructor(scopes: Iterable<Scope>) {
    for (const scope of scopes) this.#scopes.set(`${scope.port}|${scope.host}`, scope);
  }

  /** By port, then host. */
  get scopes(): Scope[] {
    return [...this.#scopes.values()].sort((a, b) => a.port - b.port || (a.host < b.host ? -1 : 1));
  }

  scope(port: number, host: HostPattern): Scope | undefined {
    return this.#scopes.get(`${port}|${host}`);
  }

  /** The most specific scope that serves a request for `host`, already normalised. */
  scopeFor(port: number, host: string): Scope | undefined {
    for (const candidate of candidates(host)) {
      const scope = this.scope(port, candidate);
      if (scope) return scope;
    }
    return undefined;
  }
}

/** The last answer of each configuration: an agent has one fleet, and asks for every host apart. */
const remembered = new WeakMap<Configuration, { tenant: string; fleet: Fleet; served: Served }>();

export function serve(configuration: Configuration, tenant: string, fleet: Fleet): Served {
  const last = remembered.get(configuration);
  if (last && last.fleet === fleet && last.tenant === tenant) return last.served;
  const served = new Served(bind(configuration, tenant, fleet));
  remembered.set(configuration, { tenant, fleet, served });
  return served;
}

/** A scope in the making, with what decides between rivals. */
interface Draft extends Scope {
  credentialHost: HostPattern;
  /** Own host of each route: the most specific that leads here. */
  own: Map<string, HostPattern>;
}

function bind(configuration: Configuration, tenant: string, fleet: Fleet): Iterable<Scope> {
  const drafts = new Map<string, Draft>();
  const doors = new Map<string, Doors>();
  for (const [name, gateway] of configuration.entries('gateway')) {
    if (!selects(gateway, tenant, fleet)) continue;
    const open = new Doors();
    for (const door of doorsOf(configuration, name)) {
      const { port } = gateway.servers[door.server]!;
      // Whatever was accepted under other rules: what the fleet does not serve now is not opened.
      if (offers(fleet, port) && !refusal(fleet, door.host)) open.add(door);
    }
    for (const door of open) admit(drafts, configuration, door, door.host);
    doors.set(name, open);
  }
  for (const [name, route] of configuration.entries('route')) {
    for (const gateway of route.gateways) {
      for (const own of route.hosts) {
        for (const [door, common] of doors.get(gateway)?.meeting(own) ?? []) {
          const draft = admit(drafts, configuration, door, common);
          const before = draft.own.get(name);
          if (before === undefined || compareSpecificity(own, before) < 0) draft.own.set(name, own);
        }
      }
    }
  }
  return [...drafts.values()].map(finish);
}

function admit(drafts: Map<string, Draft>, configuration: Configuration, door: Door, host: HostPattern): Draft {
  const { port, tls } = configuration.get('gateway', door.gateway)!.servers[door.server]!;
  const key = `${port.number}|${host}`;
  let draft = drafts.get(key);
  if (!draft) {
    draft = { port: port.number, protocol: port.protocol, host, routes: [], own: new Map(), credentialHost: '*' };
    drafts.set(key, draft);
  }
  const nearer = draft.credentialName === undefined || compareSpecificity(door.host, draft.credentialHost) < 0;
  if (tls && nearer) {
    draft.credentialName = tls.credentialName;
    draft.credentialHost = door.host;
  }
  return draft;
}

function finish({ port, protocol, host, credentialName, own }: Draft): Scope {
  const routes = [...own]
    .sort(([a, ownA], [b, ownB]) => compareSpecificity(ownA, ownB) || (a < b ? -1 : 1))
    .map(([name]) => name);
  return { port, protocol, host, ...(credentialName !== undefined && { credentialName }), routes };
}

/**
 * The certificate to show to a client that asks for `sni` (normalised). Without `port` any HTTPS port that admits the name will
 * do, the lowest first: Envoy asks for a secret by name alone.
 */
export function certificateFor(served: Served, sni: string, port?: number): string | undefined {
  const ports = port === undefined ? [...new Set(served.scopes.map((scope) => scope.port))] : [port];
  for (const host of candidates(sni)) {
    for (const each of ports) {
      const credential = served.scope(each, host)?.credentialName;
      if (credential !== undefined) return credential;
    }
  }
  return undefined;
}
