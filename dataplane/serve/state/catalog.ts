import { childTenants } from '../../../model/binding/delegation.ts';
import type { Configuration } from '../../../model/configuration.ts';
import type { OwnedResource, Parts, Source, XdsType } from '../type.ts';
import type { FleetState } from './fleet-state.ts';

/** Finds resources by type and name in the current state of the fleet. */
export class Catalog {
  readonly state: FleetState;

  constructor(state: FleetState) {
    this.state = state;
  }

  /**
   * Builds or finds the current resource of a name.
   *
   * @returns undefined when the fleet does not have the resource, or does not have it yet
   * @throws Error when the resource cannot be built
   */
  get<A extends OwnedResource>(type: XdsType<A>, name: string): A | undefined {
    return type.find(this.state, name);
  }

  /**
   * Calls {@link XdsType.versionIn} for a past, current or hypothetical configuration of a tenant. The name must have
   * been served before, because the fleet's description is known only then.
   */
  versionIn(configuration: Configuration, type: XdsType, name: string, owner: string): string | undefined {
    return type.versionIn(this.#source(configuration, owner), name);
  }

  /** Calls {@link XdsType.partsIn}. The name must have been served before, as for {@link versionIn}. */
  partsIn(configuration: Configuration, type: XdsType, name: string, owner: string): Parts | undefined {
    return type.partsIn(this.#source(configuration, owner), name);
  }

  /**
   * Calls {@link XdsType.partsIn} for the current configuration of a tenant, with the routes of other tenants that are
   * held back.
   *
   * @returns undefined when rules of the tenant delegate to no other tenant
   */
  delegatedParts(
    type: XdsType,
    name: string,
    owner: string,
  ): { whole: Configuration; names: readonly string[] } | undefined {
    const { tenants, combined, fleet, replica } = this.state;
    const tenant = replica.delegated.isEmpty ? undefined : tenants.get(owner);
    if (!tenant || !fleet) return undefined;
    const { configuration } = tenant;
    if (childTenants(configuration).size === 0) return undefined;
    const whole = combined.whole(owner, configuration);
    const parts = type.partsIn({ ...tenant, configuration: whole, owner, fleet, resolve: this.state.resolve }, name);
    return { whole, names: parts?.names ?? [] };
  }

  /** Makes the input for another configuration of a tenant. The registered endpoints are the current ones. */
  #source(configuration: Configuration, owner: string): Source {
    const { registered = new Map(), issued = new Map() } = this.state.tenants.get(owner) ?? {};
    return {
      configuration: this.state.combined.of(owner, configuration),
      registered,
      issued,
      mostPerCluster: this.state.mostPerCluster(configuration),
      owner,
      fleet: this.state.fleet!,
      resolve: this.state.resolve,
    };
  }
}
