import type Database from 'better-sqlite3';

/**
 * The last good answers about the DNS names of upstreams, in the file of the replica. An agent that did not know them
 * wrote the same format without this table, so the table is created when it is missing.
 */
export class AnswersTable {
  readonly #db: Database.Database;
  readonly #put: Database.Statement;
  readonly #get: Database.Statement;
  readonly #names: Database.Statement;
  readonly #delete: Database.Statement;

  constructor(db: Database.Database) {
    db.exec('CREATE TABLE IF NOT EXISTS answer (host TEXT PRIMARY KEY, addresses TEXT NOT NULL) WITHOUT ROWID');
    this.#db = db;
    this.#put = db.prepare(
      'INSERT INTO answer VALUES (?, ?) ON CONFLICT (host) DO UPDATE SET addresses = excluded.addresses',
    );
    this.#get = db.prepare('SELECT addresses FROM answer WHERE host = ?').pluck();
    this.#names = db.prepare('SELECT host FROM answer').pluck();
    this.#delete = db.prepare('DELETE FROM answer WHERE host = ?');
  }

  /** Returns the addresses in the last good answer about a name; undefined when there is none. */
  get(host: string): readonly string[] | undefined {
    const addresses = this.#get.get(host) as string | undefined;
    return addresses === undefined ? undefined : (JSON.parse(addresses) as string[]);
  }

  put(host: string, addresses: readonly string[]): void {
    this.#put.run(host, JSON.stringify(addresses));
  }

  /** Deletes the answers about all other names. */
  retain(hosts: ReadonlySet<string>): void {
    this.#db.transaction(() => {
      for (const host of this.#names.all() as string[]) if (!hosts.has(host)) this.#delete.run(host);
    })();
  }
}
