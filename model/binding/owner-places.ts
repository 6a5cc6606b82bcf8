/** Finds the servers of a tenant that list a host. */
import type { Configuration } from '../configuration.ts';
import type { Gateway, Server } from '../kinds/gateway.ts';
import type { HostPattern } from '../values/host.ts';
import { getOrAdd } from './get-or-add.ts';

/** A server, and the place in its gateway. */
export interface Place {
  gateway: string;
  spec: Gateway;
  index: number;
  server: Server;
}

type ByHost = ReadonlyMap<HostPattern, readonly Place[]>;

/** The servers of a configuration by host. They are read with the first lookup. */
export class OwnerPlaces {
  readonly #configuration: Configuration;
  #read: { byPort: ReadonlyMap<number, ByHost>; byHost: ByHost } | undefined;

  constructor(configuration: Configuration) {
    this.#configuration = configuration;
  }

  /** Returns the servers of one port that list each host. */
  onPort(port: number): ByHost {
    return this.#all().byPort.get(port) ?? new Map<HostPattern, Place[]>();
  }

  /** Returns the servers on all ports that list exactly this host. */
  at(host: HostPattern): readonly Place[] {
    return this.#all().byHost.get(host) ?? [];
  }

  #all(): { byPort: ReadonlyMap<number, ByHost>; byHost: ByHost } {
    if (this.#read) return this.#read;
    const byPort = new Map<number, Map<HostPattern, Place[]>>();
    const byHost = new Map<HostPattern, Place[]>();
    for (const [gateway, spec] of this.#configuration.entries('gateway'))
      for (const [index, server] of spec.servers.entries()) {
        const onPort = getOrAdd(byPort, server.port.number, () => new Map<HostPattern, Place[]>());
        const place = { gateway, spec, index, server };
        for (const each of new Set(server.hosts)) {
          getOrAdd(onPort, each, (): Place[] => []).push(place);
          getOrAdd(byHost, each, (): Place[] => []).push(place);
        }
      }
    return (this.#read = { byPort, byHost });
  }
}
