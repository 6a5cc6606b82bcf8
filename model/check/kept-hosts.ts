import { boundServers } from '../binding/bound-servers.ts';
import { HostIndex } from '../binding/host-index.ts';
import type { Configuration } from '../configuration.ts';

/** Finds the hosts on which the servers of a gateway keep escaped slashes. It reads each gateway or server only once. */
export class KeptHosts {
  readonly #configuration: Configuration;
  readonly #byGateway = new Map<string, HostIndex<true>>();

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  /** @param text an entry of a route's `gateways`: a gateway, or one server of it */
  of(text: string): HostIndex<true> {
    let kept = this.#byGateway.get(text);
    if (!kept) {
      this.#byGateway.set(text, (kept = new HostIndex()));
      for (const { escapedSlashes, hosts } of boundServers(this.#configuration, text))
        if (escapedSlashes === 'keep') for (const host of hosts) kept.add(host, true);
    }
    return kept;
  }
}
