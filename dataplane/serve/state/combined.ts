import { delegatedRoutes } from '../../../model/binding/delegated-routes.ts';
import { childTenants } from '../../../model/binding/delegation.ts';
import { combine, OwnerGateways, routeHosts } from '../../../model/binding/shared-gateway.ts';
import type { Configuration } from '../../../model/configuration.ts';
import type { FleetDescription } from '../../../wire/feed.ts';
import type { Replica } from '../../feed/replica.ts';
import type { Tenants } from './tenants.ts';

export interface CombinedOptions {
  replica: () => Replica;
  tenants: Tenants;
  fleet: () => FleetDescription | undefined;
  /** Leaves out the routes of other tenants that Envoy rejected. */
  withoutRejected: (tenant: string, combined: Configuration) => Configuration;
}

/**
 * The combined configurations of tenants whose routes attach to gateways of other tenants, or delegate to their routes.
 * It is the tenant's configuration with these gateways and routes, from which the tenant's resources are compiled.
 */
export class CombinedConfigurations {
  readonly #options: CombinedOptions;
  readonly #gateways = new WeakMap<Configuration, OwnerGateways>();

  constructor(options: CombinedOptions) {
    this.#options = options;
  }

  /** Returns the combined configuration of a configuration of a tenant; the same one when it names no other tenant. */
  of(tenant: string, configuration: Configuration): Configuration {
    const whole = this.whole(tenant, configuration);
    return whole === configuration ? whole : this.#options.withoutRejected(tenant, whole);
  }

  /** Does the same as {@link of}, with the routes of other tenants that Envoy rejected. */
  whole(tenant: string, configuration: Configuration): Configuration {
    const { replica, tenants } = this.#options;
    const attached = replica().attached.of(tenant);
    const names = new Set([...attached.keys(), ...childTenants(configuration)]);
    if (names.size === 0) return configuration;
    const owners = [...names].flatMap((owner) => {
      const of = tenants.get(owner)?.configuration;
      const gateways = of && this.#gatewaysOf(owner, of);
      return gateways ? { gateways, hosts: attached.get(owner) ?? [] } : [];
    });
    return combine(configuration, tenant, owners);
  }

  /**
   * Finds the tenants whose combined configuration differs after a change of an owner.
   *
   * @param before the owner's configuration before the change; undefined when it is not known
   * @param after the configuration after it; undefined when the owner left the fleet
   */
  changedBy(owner: string, before: Configuration | undefined, after: Configuration | undefined): string[] {
    return [...new Set([...this.#attachedTo(owner, before, after), ...this.#delegatingTo(owner, before, after)])];
  }

  #delegatingTo(owner: string, before: Configuration | undefined, after: Configuration | undefined): string[] {
    const { replica, tenants } = this.#options;
    const names = replica().delegated.to(owner);
    if (names.length === 0 || (before && after?.shares('route', before))) return [];
    if (!before) return names;
    return names.filter((tenant) => {
      const own = tenants.get(tenant)?.configuration;
      const seen = (from: Configuration | undefined) =>
        own && from ? JSON.stringify(delegatedRoutes(own, tenant, from, owner)) : '[]';
      return seen(before) !== seen(after);
    });
  }

  #attachedTo(owner: string, before: Configuration | undefined, after: Configuration | undefined): string[] {
    const attached = [...this.#options.replica().attached.to(owner)];
    if (attached.length === 0) return [];
    if (before && after && before.shares('gateway', after) && haveSameHosts(before, after)) return [];
    if (!before) return attached.map(([tenant]) => tenant);
    const seen = (configuration: Configuration | undefined, tenant: string, hosts: readonly string[]) =>
      JSON.stringify((configuration && this.#gatewaysOf(owner, configuration)?.for(tenant, hosts)) ?? []);
    return attached.flatMap(([tenant, hosts]) =>
      seen(before, tenant, hosts) === seen(after, tenant, hosts) ? [] : tenant,
    );
  }

  #gatewaysOf(owner: string, configuration: Configuration): OwnerGateways | undefined {
    const fleet = this.#options.fleet();
    if (!fleet) return undefined;
    let gateways = this.#gateways.get(configuration);
    if (!gateways) this.#gateways.set(configuration, (gateways = new OwnerGateways(configuration, owner, fleet)));
    return gateways;
  }
}

function haveSameHosts(before: Configuration, after: Configuration): boolean {
  if (before.shares('route', after)) return true;
  const [was, is] = [routeHosts(before), routeHosts(after)];
  return was.size === is.size && [...was].every((host) => is.has(host));
}
