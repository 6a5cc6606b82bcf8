import { HostIndex } from '../binding/host-index.ts';
import type { Configuration } from '../configuration.ts';

/** Finds the hosts on which the servers of a gateway keep escaped slashes. It reads each gateway only once. */
export class KeptHosts {
  readonly #configuration: Configuration;
  readonly #byGateway = new Map<string, HostIndex<true>>();

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  of(gateway: string): HostIndex<true> {
    let kept = this.#byGateway.get(gateway);
    if (!kept) {
      this.#byGateway.set(gateway, (kept = new HostIndex()));
      for (const { escapedSlashes, hosts } of this.#configuration.get('gateway', gateway)?.servers ?? [])
        if (escapedSlashes === 'keep') for (const host of hosts) kept.add(host, true);
    }
    return kept;
  }
}
