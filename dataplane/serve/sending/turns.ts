import type { Entry } from './ledger.ts';

/**
 * A queue of names that are due, with the events that wait for them. Tenants are served round robin: after one name of
 * a tenant, one name of each other waiting tenant is sent.
 */
export class Turns {
  readonly #tenantOf: (name: string) => string;
  readonly #waits: (name: string) => boolean;
  /** The waiting names by tenant. The tenant whose turn is next is first. */
  readonly #tenants = new Map<string, Map<string, Entry[]>>();
  /** The tenant under which each name was added. The name may belong to another tenant by now. */
  readonly #owners = new Map<string, string>();

  /** @param waits returns whether a name must not be sent yet */
  constructor(tenantOf: (name: string) => string, waits: (name: string) => boolean) {
    this.#tenantOf = tenantOf;
    this.#waits = waits;
  }

  get size(): number {
    return this.#owners.size;
  }

  has(name: string): boolean {
    return this.#owners.has(name);
  }

  get(name: string): Entry[] | undefined {
    return this.#tenants.get(this.#owners.get(name)!)?.get(name);
  }

  set(name: string, entries: Entry[]): void {
    const tenant = this.#owners.get(name) ?? this.#tenantOf(name);
    this.#owners.set(name, tenant);
    const names = this.#tenants.get(tenant);
    if (names) names.set(name, entries);
    else this.#tenants.set(tenant, new Map([[name, entries]]));
  }

  delete(name: string): void {
    const tenant = this.#owners.get(name);
    if (tenant === undefined) return;
    this.#owners.delete(name);
    const names = this.#tenants.get(tenant)!;
    names.delete(name);
    if (names.size === 0) this.#tenants.delete(tenant);
  }

  /** Returns the next name that does not have to wait, without removing it. */
  peek(): [name: string, entries: Entry[]] | undefined {
    for (const names of this.#tenants.values()) for (const next of names) if (!this.#waits(next[0])) return next;
    return undefined;
  }

  /** Removes a name and ends its tenant's turn. */
  endTurn(name: string): void {
    const tenant = this.#owners.get(name)!;
    this.delete(name);
    const rest = this.#tenants.get(tenant);
    if (!rest) return;
    this.#tenants.delete(tenant);
    this.#tenants.set(tenant, rest);
  }
}
