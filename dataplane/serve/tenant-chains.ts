import * as compile from '../compile/index.ts';
import type { Client } from './client.ts';
import { reasonOf } from './failure.ts';
import type { Target } from './lane-options.ts';
import { isReady } from './ready.ts';
import type { Change } from './tenant-events.ts';
import { encodeListener } from './types/listener.ts';

/**
 * Adds the filter chains of tenants to the listeners of one client. A listener is sent once the clusters of its chains
 * are on the stream.
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

  /** The target state of a listener. @param fleets the listener with the chains of the fleet alone */
  target(fleets: compile.CompiledListener): Target {
    const { answers, listenerChains, use } = this.#client;
    const { name } = fleets;
    const port = this.#listeners().get(name);
    if (!port) return encodeListener(compile.listenerMessage(fleets, listenerChains.without(fleets)));
    // Each change of a listener makes Envoy drain connections, so it is not built from a part of the tenants.
    if (!answers.fleet.complete) return 'later';
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

  /** The client has the listener as it was sent last. */
  acked(listener: string): void {
    this.#client.use.settle(listener, this.#clusters.get(listener) ?? []);
  }

  /** The listeners that a change of a tenant affects: those in which the tenant has or had a chain. */
  changedBy({ tenant, scopesAdded, scopesRemoved }: Change): ReadonlySet<string> {
    const { answers, listenerChains } = this.#client;
    const names = new Set(listenerChains.of(tenant));
    const zones = new Set([...scopesAdded, ...scopesRemoved].map((key) => compile.parseScopeKey(key).zone));
    for (const [name, { number }] of this.#listeners()) {
      const zone = String(number);
      const isIn = () => answers.fleet.replica.scopesOf(zone).some((each) => each.tenant === tenant);
      if (zones.has(zone) || isIn()) names.add(name);
    }
    return names;
  }

  #listeners(): ReturnType<typeof compile.tenantListeners> {
    const { description } = this.#client.answers.fleet;
    return description ? compile.tenantListeners(description) : new Map();
  }

  /** A chain that cannot be built is left out, and its tenant sees a rejection until it can be built or is gone. */
  #chainsOf(listener: string, port: compile.Port): compile.OwnedChain[] {
    const { answers, reports } = this.#client;
    const failed = new Set<string>();
    const chains = answers.fleet.replica.scopesOf(String(port.number)).flatMap(({ key, tenant }) => {
      const found = answers.fleet.source(tenant);
      if (!found) return [];
      const { configuration, fleet } = found.source;
      try {
        return compile.tenantChain(configuration, tenant, fleet, port, compile.parseScopeKey(key).host) ?? [];
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
