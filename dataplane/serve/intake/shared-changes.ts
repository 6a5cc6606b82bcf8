import type { FleetState } from '../state/fleet-state.ts';
import type { TenantChange } from './tenant-events.ts';

type UpdatedHosts = Pick<TenantChange, 'scopesAdded' | 'scopesRemoved'>;

/** Finds the changes of other tenants that follow from an event of a tenant: of a shared gateway or a delegated route. */
export class SharedChanges {
  readonly #state: FleetState;
  readonly #updateHosts: (tenant: string) => UpdatedHosts;

  /** @param updateHosts updates the host tables to the current combined configuration of a tenant */
  constructor(state: FleetState, updateHosts: (tenant: string) => UpdatedHosts) {
    this.#state = state;
    this.#updateHosts = updateHosts;
  }

  /**
   * Recomputes the tenants that a change affects: the tenants that attach hosts to the gateways of the changed tenant,
   * those whose rules delegate to its routes, and the owners that serve a host again because the changed tenant no longer serves it.
   *
   * The changes of these tenants get the number before the one of the change. So no cursor passes the change before the
   * proxies have all of them.
   *
   * @param change the change of the tenant, which is stored
   * @param owners the tenants to whose gateways it attached hosts before the change
   */
  following(change: TenantChange, owners: Iterable<string>): TenantChange[] {
    const { tenant, transition, scopesRemoved, failure } = change;
    const { combined, tenants, replica } = this.#state;
    if ((replica.attached.isEmpty && replica.delegated.isEmpty) || (!transition && failure === undefined)) return [];
    const attaching = transition
      ? combined.changedBy(tenant, transition.before, transition.after)
      : combined.changedBy(tenant, undefined, tenants.get(tenant)?.configuration);
    const released = scopesRemoved.length > 0 ? [...owners, ...replica.attached.of(tenant).keys()] : [];
    return [...new Set([...attaching, ...released])].flatMap((each) => this.#change(each, change));
  }

  #change(name: string, { seq, committedAt, behind }: TenantChange): TenantChange[] {
    const { tenants } = this.#state;
    const before = tenants.get(name);
    if (!before) return [];
    const { configuration, revision } = before;
    tenants.keep(name, configuration, revision, before);
    const transition = { from: revision, before: configuration, after: configuration };
    const same = { committedAt, behind, certificates: false };
    return [{ seq: seq - 1, tenant: name, revision, ...same, ...this.#updateHosts(name), transition }];
  }
}
