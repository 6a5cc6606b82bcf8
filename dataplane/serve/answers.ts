import type { Configuration } from '../../model/configuration.ts';
import type { FleetState } from './fleet-state.ts';
import type { Answer, Parts, XdsType } from './type.ts';

/** Answers for resources by type and name, from the current state of the fleet. */
export class Answers {
  readonly fleet: FleetState;

  constructor(fleet: FleetState) {
    this.fleet = fleet;
  }

  /**
   * @returns undefined when the fleet has no such resource, or not yet
   * @throws Error when the resource cannot be built
   */
  get<A extends Answer>(type: XdsType<A>, name: string): A | undefined {
    return type.answer(this.fleet, name);
  }

  /**
   * {@link XdsType.versionIn} for a configuration that the tenant had, has or might have. Only for names that were
   * served, so the fleet is known.
   */
  versionIn(configuration: Configuration, type: XdsType, name: string, owner: string): string | undefined {
    return type.versionIn({ configuration, owner, fleet: this.fleet.description! }, name);
  }

  /** {@link XdsType.partsIn}, under the same condition. */
  partsIn(configuration: Configuration, type: XdsType, name: string, owner: string): Parts | undefined {
    return type.partsIn({ configuration, owner, fleet: this.fleet.description! }, name);
  }
}
