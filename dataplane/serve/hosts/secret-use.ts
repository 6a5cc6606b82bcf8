const NONE: readonly string[] = [];

/**
 * Records which secrets the clusters of one client need. Envoy requests a secret when it receives the cluster, and uses
 * the cluster only after it received the secret.
 */
export class SecretUse {
  readonly #byCluster = new Map<string, readonly string[]>();
  readonly #bySecret = new Map<string, Set<string>>();

  /** The names of the secrets that a cluster needs, in the version that was sent last. */
  of(cluster: string): readonly string[] {
    return this.#byCluster.get(cluster) ?? NONE;
  }

  /** The names of the clusters that need a secret. */
  users(secret: string): string[] {
    return [...(this.#bySecret.get(secret) ?? NONE)];
  }

  /** Notes what a cluster needs now. A removed cluster needs nothing. */
  set(cluster: string, secrets: readonly string[]): void {
    const before = this.of(cluster);
    if (before.length === 0 && secrets.length === 0) return;
    for (const secret of before) this.#drop(cluster, secret);
    this.#byCluster.delete(cluster);
    if (secrets.length === 0) return;
    this.#byCluster.set(cluster, secrets);
    for (const secret of secrets) {
      const users = this.#bySecret.get(secret) ?? new Set<string>();
      this.#bySecret.set(secret, users.add(cluster));
    }
  }

  #drop(cluster: string, secret: string): void {
    const users = this.#bySecret.get(secret);
    users?.delete(cluster);
    if (users?.size === 0) this.#bySecret.delete(secret);
  }
}
