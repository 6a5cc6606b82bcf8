import type { Rejection } from '../../wire/feed.ts';

/** More of one revision tell nobody more. */
const MOST = 20;

/** What one client refused of each tenant's latest revision. */
export class Rejections {
  readonly #byTenant = new Map<string, Rejection[]>();
  readonly #changed: () => void;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get all(): Rejection[] {
    return [...this.#byTenant.values()].flat();
  }

  add(rejection: Rejection): void {
    const { tenant, revision } = rejection;
    const known = this.#byTenant.get(tenant)?.filter((other) => other.revision === revision) ?? [];
    this.#byTenant.set(tenant, [...known, rejection].slice(-MOST));
    this.#changed();
  }

  /** The tenant has a new revision. */
  forget(tenant: string): void {
    if (this.#byTenant.delete(tenant)) this.#changed();
  }
}
