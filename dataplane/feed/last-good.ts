import type Database from 'better-sqlite3';
import type { Rejection } from '../../wire/feed.ts';

export const LAST_GOOD_SCHEMA = `
  CREATE TABLE last_good (name TEXT PRIMARY KEY, tenant TEXT NOT NULL, refused TEXT NOT NULL, version TEXT NOT NULL, body BLOB NOT NULL, rejections TEXT NOT NULL DEFAULT '[]') WITHOUT ROWID;
  CREATE INDEX last_good_tenant ON last_good (tenant);
`;

/** The routes that the agent serves for a host after Envoy rejected newer routes. */
export interface LastGood {
  tenant: string;
  /** The version of the routes that were rejected. */
  refused: string;
  /** The version of the last good routes. */
  version: string;
  /** The last good routes as an encoded `google.protobuf.Any`. */
  body: Buffer;
  /** The rejections that were reported for the rejected version. */
  rejections: Rejection[];
}

/**
 * The last good routes by name. They are stored on disk, so a restarted agent does not send again the routes that Envoy
 * rejected.
 */
export class LastGoodTable {
  readonly #db: Database.Database;
  /**
   * The rejected version and its rejections, by name. It is kept in memory because every compilation and every report
   * reads it. It is nearly always empty.
   */
  readonly #refused: Map<string, Pick<LastGood, 'refused' | 'rejections'>>;

  constructor(db: Database.Database) {
    this.#db = db;
    const rows = db.prepare('SELECT name, refused, rejections FROM last_good').all() as Record<string, string>[];
    this.#refused = new Map(
      rows.map(({ name, refused, rejections }) => [name!, { refused: refused!, rejections: JSON.parse(rejections!) }]),
    );
  }

  get(name: string): LastGood | undefined {
    if (!this.#refused.has(name)) return undefined;
    const row = this.#db
      .prepare('SELECT tenant, refused, version, body, rejections FROM last_good WHERE name = ?')
      .get(name) as (Omit<LastGood, 'rejections'> & { rejections: string }) | undefined;
    return row && { ...row, rejections: JSON.parse(row.rejections) };
  }

  names(tenant: string): string[] {
    return [...this.#refused.keys()].filter((name) => this.get(name)?.tenant === tenant);
  }

  /** Returns the rejections of all names, except the names for whose rejected version `isExcepted` returns true. */
  rejections(isExcepted: (name: string, refused: string) => boolean): Rejection[] {
    return [...this.#refused].flatMap(([name, { refused, rejections }]) =>
      isExcepted(name, refused) ? [] : rejections,
    );
  }

  put(name: string, { tenant, refused, version, body, rejections }: LastGood): void {
    this.#db
      .prepare(
        'INSERT INTO last_good VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET tenant = excluded.tenant, refused = excluded.refused, version = excluded.version, body = excluded.body, rejections = excluded.rejections',
      )
      .run(name, tenant, refused, version, body, JSON.stringify(rejections));
    this.#refused.set(name, { refused, rejections });
  }

  remove(name: string): void {
    if (!this.#refused.delete(name)) return;
    this.#db.prepare('DELETE FROM last_good WHERE name = ?').run(name);
  }

  removeTenant(tenant: string): void {
    for (const name of this.names(tenant)) this.#refused.delete(name);
    this.#db.prepare('DELETE FROM last_good WHERE tenant = ?').run(tenant);
  }
}
