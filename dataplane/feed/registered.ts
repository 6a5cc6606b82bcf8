import type Database from 'better-sqlite3';

/** The endpoints that are registered at a tenant's upstreams: a JSON array of endpoints per upstream. */
export type Registered = ReadonlyMap<string, string>;

/**
 * The registered endpoints of all tenants, in the file of the replica. An agent that did not know them wrote the same
 * format without this table, so the table is created when it is missing.
 */
export class RegisteredTable {
  readonly #put: Database.Statement;
  readonly #delete: Database.Statement;
  readonly #of: Database.Statement;
  readonly #clear: Database.Statement;

  constructor(db: Database.Database) {
    db.exec(
      'CREATE TABLE IF NOT EXISTS registered (tenant TEXT, upstream TEXT, endpoints TEXT NOT NULL, PRIMARY KEY (tenant, upstream)) WITHOUT ROWID',
    );
    this.#put = db.prepare(
      'INSERT INTO registered VALUES (?, ?, ?) ON CONFLICT (tenant, upstream) DO UPDATE SET endpoints = excluded.endpoints',
    );
    this.#delete = db.prepare('DELETE FROM registered WHERE tenant = ? AND upstream = ?');
    this.#of = db.prepare('SELECT upstream, endpoints FROM registered WHERE tenant = ?').raw();
    this.#clear = db.prepare('DELETE FROM registered WHERE tenant = ?');
  }

  of(tenant: string): Registered {
    return new Map(this.#of.all(tenant) as [string, string][]);
  }

  /** @param endpoints a JSON array of endpoints */
  put(tenant: string, upstream: string, endpoints: string): void {
    this.#put.run(tenant, upstream, endpoints);
  }

  remove(tenant: string, upstream: string): void {
    this.#delete.run(tenant, upstream);
  }

  removeTenant(tenant: string): void {
    this.#clear.run(tenant);
  }
}
