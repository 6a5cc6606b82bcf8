import type Database from 'better-sqlite3';

/** Created when a replica opens, so that a replica of an earlier version gets the table too. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS delegated (tenant TEXT, owner TEXT, PRIMARY KEY (tenant, owner)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS delegated_owner ON delegated (owner);
`;

/** The tenants whose rules delegate to routes of other tenants, the owners. */
export class DelegatedTable {
  readonly #remove: Database.Statement;
  readonly #add: Database.Statement;
  readonly #to: Database.Statement;
  #isEmpty: boolean;

  constructor(db: Database.Database) {
    db.exec(SCHEMA);
    this.#remove = db.prepare('DELETE FROM delegated WHERE tenant = ?');
    this.#add = db.prepare('INSERT OR IGNORE INTO delegated VALUES (?, ?)');
    this.#to = db.prepare('SELECT tenant FROM delegated WHERE owner = ? ORDER BY tenant').pluck();
    this.#isEmpty = db.prepare('SELECT 1 FROM delegated LIMIT 1').get() === undefined;
  }

  /** Whether no tenant delegates to another one, as on most fleets. Events then cost nothing here. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Replaces the owners to whose routes the rules of a tenant delegate. */
  set(tenant: string, owners: ReadonlySet<string>): void {
    if (this.#isEmpty && owners.size === 0) return;
    this.#remove.run(tenant);
    for (const owner of owners) this.#add.run(tenant, owner);
    this.#isEmpty = false;
  }

  /** Lists the tenants whose rules delegate to routes of an owner. */
  to(owner: string): string[] {
    return this.#isEmpty ? [] : (this.#to.all(owner) as string[]);
  }
}
