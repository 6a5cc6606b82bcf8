import * as compile from '../../compile/index.ts';
import type { Client } from '../client.ts';
import { reasonOf } from '../failure.ts';
import type { TenantChange } from '../intake/tenant-events.ts';
import { isReady } from '../ready.ts';
import type { Target } from '../sending/lane-options.ts';
import { encodeListener } from '../types/listener.ts';
import { secret } from '../types/secret.ts';

/**
 * Adds the filter chains of tenants to the listeners of one client. A listener waits until the clusters that its chains
 * use are sent.
 */
export class TenantChains {
  readonly #client: Client;
  /** The clusters of the chains that were sent last, by listener. */
  readonly #clusters = new Map<string, string[]>();
  /** The keys of scopes whose chains could not be built, by listener. */
  readonly #failed = new Map<string, ReadonlySet<string>>();

  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * Returns the target state of a listener.
   *
   * @param fleets the listener with only those filter chains that belong to the fleet
   */
  target(fleets: compile.CompiledListener): Target {
    const { catalog, listenerChains, use } = this.#client;
    const { name } = fleets;
    const { description } = catalog.state;
    const port = this.#listeners().get(name) ?? (description && compile.rangedPortNamed(description, name));
    if (!port) return encodeListener(compile.listenerMessage(fleets, listenerChains.without(fleets)));
    if (!catalog.state.complete) {
      // Each change of a listener with chains of hosts makes Envoy drain connections, and the client may already have
      // the chains of tenants that are not known yet. A new client gets the fleet's chains at once.
      if (fleets.chains.length === 0 || this.#client.lane('listener').mayHold(name)) return 'later';
      return encodeListener(compile.listenerMessage(fleets, listenerChains.without(fleets)));
    }
    const whole = this.#whole(fleets, port);
    const without = listenerChains.without(whole);
    const chains = whole.chains.filter(({ chain }) => !without.has(chain.name));
    const clusters = [...new Set(chains.flatMap(({ needs }) => needs?.clusters ?? []))];
    use.claim(name, clusters);
    this.#client.lane('cluster').flush();
    if (!clusters.every((each) => isReady(this.#client, each))) return 'later';
    this.#clusters.set(name, clusters);
    // Envoy rejects a listener without any chain.
    return chains.length === 0 ? 'absent' : encodeListener(compile.listenerMessage(whole, without));
  }

  /** Handles the client's ACK of the listener that was sent last: clusters of its earlier versions are released. */
  acked(listener: string): void {
    this.#client.use.settle(listener, this.#clusters.get(listener) ?? []);
  }

  /** The listeners that a change of a tenant affects: those in which the tenant has or had a chain. */
  changedBy({ tenant, scopesAdded, scopesRemoved }: TenantChange): ReadonlySet<string> {
    const { catalog, listenerChains } = this.#client;
    const names = new Set(listenerChains.of(tenant));
    const zones = new Set([...scopesAdded, ...scopesRemoved].map((key) => compile.parseScopeKey(key).zone));
    const { replica } = catalog.state;
    for (const [name, port] of this.#listeners()) {
      const ofChains = compile.chainZone(port);
      const ofProfiles = compile.profileZones(port.number);
      const isIn = compile.hasChains(port)
        ? () => zones.has(ofChains) || replica.scopeKeys.of(ofChains).some((each) => each.tenant === tenant)
        : () => [...zones].some((zone) => zone.startsWith(ofProfiles)) || replica.scopeKeys.isIn(ofProfiles, tenant);
      if (isIn()) names.add(name);
    }
    const { description } = catalog.state;
    if (description?.portRanges)
      for (const key of [...scopesAdded, ...scopesRemoved, ...replica.portKeys.of(tenant)]) {
        const port = compile.rangedPort(description, key);
        if (port) names.add(compile.listenerName(port.protocol, port.number));
      }
    return names;
  }

  #listeners(): ReturnType<typeof compile.tenantListeners> {
    const { description } = this.#client.catalog.state;
    return description ? compile.tenantListeners(description) : new Map();
  }

  /**
   * Adds the tenants' chains to one listener. A chain that cannot be built is left out. Its tenant sees a rejection
   * until the chain can be built or no longer exists.
   */
  #whole(fleets: compile.CompiledListener, port: compile.Port): compile.CompiledListener {
    const { reports } = this.#client;
    const failed = new Set<string>();
    const fail = (key: string, tenant: string, reason: string) => {
      failed.add(key);
      reports.chainRejected(fleets.name, key, tenant, `it could not be built: ${reason}`);
    };
    const own = compile.hasChains(port) ? this.#chainsOf(port, fail) : [];
    const { chains, serverNames } = this.#partsOf(port, fail);
    for (const key of this.#failed.get(fleets.name) ?? []) if (!failed.has(key)) reports.chainSettled(fleets.name, key);
    this.#failed.set(fleets.name, failed);
    return {
      ...fleets,
      chains: [...fleets.chains, ...own, ...chains],
      ...(serverNames.length > 0 && { serverNames }),
    };
  }

  #chainsOf(port: compile.Port, fail: Fail): compile.OwnedChain[] {
    const { state } = this.#client.catalog;
    return state.replica.scopeKeys.of(compile.chainZone(port)).flatMap(({ key, tenant }) => {
      const found = state.source(tenant);
      if (!found) return [];
      const { configuration, fleet } = found.source;
      try {
        const { host } = compile.parseScopeKey(key);
        return compile.tenantChains(configuration, tenant, fleet, port, host, this.#share);
      } catch (error) {
        fail(key, tenant, reasonOf(error));
        return [];
      }
    });
  }

  /** Collects the chains of TLS profiles, and the server names that select them. */
  #partsOf(port: compile.Port, fail: Fail): { chains: compile.OwnedChain[]; serverNames: compile.Part['serverNames'] } {
    const { state } = this.#client.catalog;
    const chains: compile.OwnedChain[] = [];
    const serverNames: compile.Part['serverNames'][number][] = [];
    for (const tenant of state.replica.scopeKeys.tenantsIn(compile.profileZones(port.number))) {
      const found = state.source(tenant);
      if (!found) continue;
      const { configuration, fleet } = found.source;
      try {
        const part = compile.partOf(configuration, tenant, fleet, port, this.#share);
        for (const { message, needs } of part?.chains ?? []) {
          const missing = needs.secrets.find((name) => this.#isMissing(name));
          // Envoy would hold the whole listener back until it has the secret.
          if (missing === undefined) chains.push({ owner: tenant, chain: message, needs });
          else fail(message.name, tenant, `the secret ${missing} is missing`);
        }
        serverNames.push(...(part?.serverNames ?? []));
      } catch (error) {
        fail(`${tenant}/${port.number}`, tenant, reasonOf(error));
      }
    }
    return { chains, serverNames };
  }

  /** How many client connections one tenant may forward. */
  get #share(): number {
    const { catalog, tenantClients } = this.#client;
    return catalog.state.shareOf(tenantClients);
  }

  #isMissing(name: string): boolean {
    const { catalog } = this.#client;
    const owner = secret.owner(catalog.state, name);
    const found = owner === undefined ? undefined : catalog.state.source(owner);
    return !found || secret.versionIn(found.source, name) === undefined;
  }
}

type Fail = (key: string, tenant: string, reason: string) => void;
