/** How long a client that has acknowledged a removal may take until it unsubscribes from the name, in ms. */
const GRACE = 1000;

/**
 * Limits for how many server names that clients chose one Envoy keeps a certificate. An untrusted client can choose any
 * name below a wildcard, and any spelling of a host in upper and lower case. Envoy keeps about 20 KB for each of them, until
 * the agent removes its secret. Hosts that are written out in a configuration are not counted.
 *
 * Above the limit, the tenant with the most names loses its oldest one. So a client that requests many names of one tenant
 * never takes the place of the names of other tenants. Envoy then unsubscribes from the name. The next handshake with it
 * subscribes and loads the certificate again; open connections stay open.
 *
 * If a handshake on another port has requested the name at that very moment, Envoy stays subscribed. It then gets the secret
 * again, because it would otherwise keep an outdated certificate, or wait for one.
 */
export class ServerNames {
  readonly #limit: number;
  readonly #changed: (name: string, isRemoved: boolean) => void;
  readonly #tenants = new Map<string, string>();
  /** The names of each tenant, in the order in which Envoy requested them. */
  readonly #names = new Map<string, Set<string>>();
  /** When the client acknowledged each removal; infinity for those that it has not acknowledged. */
  readonly #removed = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param changed called for each name whose secret is to be removed from the client, or sent after all */
  constructor(limit: number, changed: (name: string, isRemoved: boolean) => void) {
    this.#limit = limit;
    this.#changed = changed;
  }

  /** Whether the secret of the name is to be removed, or has been, and the client has not requested it again. */
  isRemoved(name: string): boolean {
    return this.#removed.has(name);
  }

  has(name: string): boolean {
    return this.#tenants.has(name);
  }

  /** Notes that the client gets the tenant's certificate under this name. It may remove another name. */
  keep(name: string, tenant: string): void {
    if (this.#tenants.get(name) === tenant) return;
    this.#drop(name);
    this.#tenants.set(name, tenant);
    const names = this.#names.get(tenant) ?? new Set<string>();
    this.#names.set(tenant, names.add(name));
    if (this.#tenants.size > this.#limit) this.#removeOne();
  }

  /** Notes that the client requested the name, or no longer needs it, or that the name is not counted any more. */
  forget(name: string): void {
    this.#removed.delete(name);
    this.#drop(name);
  }

  /** Notes that the client acknowledged the removal of a name. */
  acknowledged(name: string): void {
    if (!this.#removed.has(name)) return;
    this.#removed.set(name, performance.now());
    this.#timer ??= setTimeout(() => this.#restore(), GRACE).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #restore(): void {
    const last = performance.now() - GRACE;
    for (const [name, at] of this.#removed) {
      if (at > last) continue;
      this.#removed.delete(name);
      this.#changed(name, false);
    }
    this.#timer = this.#removed.size > 0 ? setTimeout(() => this.#restore(), GRACE).unref() : undefined;
  }

  #removeOne(): void {
    let most: Set<string> = new Set();
    for (const names of this.#names.values()) if (names.size > most.size) most = names;
    const [oldest] = most;
    if (oldest === undefined) return;
    this.#drop(oldest);
    this.#removed.set(oldest, Number.POSITIVE_INFINITY);
    this.#changed(oldest, true);
  }

  #drop(name: string): void {
    const tenant = this.#tenants.get(name);
    if (tenant === undefined) return;
    this.#tenants.delete(name);
    const names = this.#names.get(tenant)!; // both maps are changed together
    names.delete(name);
    if (names.size === 0) this.#names.delete(tenant);
  }
}
