import type Database from 'better-sqlite3';

/** The keys of scopes that are whole ports, such as `tcp/5432|*`, in the file of the replica. */
export class PortKeys {
  readonly #all: Database.Statement;
  readonly #of: Database.Statement;

  constructor(db: Database.Database) {
    // `0` is the next character after `/`.
    const isPort = "((key > 'tcp/' AND key < 'tcp0') OR (key > 'udp/' AND key < 'udp0'))";
    this.#all = db.prepare(`SELECT key FROM scope WHERE ${isPort} ORDER BY key`).pluck();
    this.#of = db.prepare(`SELECT key FROM scope WHERE tenant = ? AND ${isPort}`).pluck();
  }

  /** Lists the ports of all tenants, in the order of their keys. */
  all(): string[] {
    return this.#all.all() as string[];
  }

  /** Lists the ports of one tenant. */
  of(tenant: string): string[] {
    return this.#of.all(tenant) as string[];
  }
}
