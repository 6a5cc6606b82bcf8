import * as compile from '../../compile/index.ts';
import type { Client } from '../client.ts';
import { reasonOf } from '../failure.ts';
import type { TenantChange } from '../intake/tenant-events.ts';
import { isReady } from '../ready.ts';
import type { Target } from '../sending/lane-options.ts';
import { encodeListener } from '../types/listener.ts';

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
    const port = this.#listeners().get(name);
    if (!port) return encodeListener(compile.listenerMessage(fleets, listenerChains.without(fleets)));
    // Each change of a listener makes Envoy drain connections, so the listener waits until all tenants are known.
    if (!catalog.state.complete) return 'later';
    const whole = { ...fleets, chains: [...fleets.chains, ...this.#chainsOf(name, port)] };
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
    for (const [name, port] of this.#listeners()) {
      const zone = compile.chainZone(port);
      const isIn = () => catalog.state.replica.scopesOf(zone).some((each) => each.tenant === tenant);
      if (zones.has(zone) || isIn()) names.add(name);
    }
    return names;
  }

  #listeners(): ReturnType<typeof compile.tenantListeners> {
    const { description } = this.#client.catalog.state;
    return description ? compile.tenantListeners(description) : new Map();
  }

  /**
   * Builds the tenants' chains of one listener. A chain that cannot be built is left out. Its tenant sees a rejection
   * until the chain can be built or no longer exists.
   */
  #chainsOf(listener: string, port: compile.Port): compile.OwnedChain[] {
    const { catalog, reports } = this.#client;
    const failed = new Set<string>();
    const chains = catalog.state.replica.scopesOf(compile.chainZone(port)).flatMap(({ key, tenant }) => {
      const found = catalog.state.source(tenant);
      if (!found) return [];
      const { configuration, fleet } = found.source;
      try {
        return compile.tenantChains(configuration, tenant, fleet, port, compile.parseScopeKey(key).host);
      } catch (error) {
        failed.add(key);
        reports.chainRejected(listener, key, tenant, `it could not be built: ${reasonOf(error)}`);
        return [];
      }
    });
    for (const key of this.#failed.get(listener) ?? []) if (!failed.has(key)) reports.chainSettled(listener, key);
    this.#failed.set(listener, failed);
    return chains;
  }
}
