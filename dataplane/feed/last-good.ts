import type Database from 'better-sqlite3';
import type { Rejection } from '../../wire/feed.ts';

export const LAST_GOOD_SCHEMA = `
  CREATE TABLE last_good (name TEXT PRIMARY KEY, tenant TEXT NOT NULL, refused TEXT NOT NULL, version TEXT NOT NULL, body BLOB NOT NULL, rejections TEXT NOT NULL DEFAULT '[]') WITHOUT ROWID;
  CREATE INDEX last_good_tenant ON last_good (tenant);
`;

/** The routes that are served for a host whose newer routes were refused. */
export interface LastGood {
  tenant: string;
  /** Version of the routes that were refused. */
  refused: string;
  version: string;
  body: Buffer;
  /** What was reported of the refused version. */
  rejections: Rejection[];
}

/**
 * The last good routes by name. They outlive the process, so a restarted agent does not send again what Envoy refused.
 */
export class LastGoodTable {
  readonly #db: Database.Database;
  /** Every name with its rejections. Nearly always empty, and read with every compile and every report. */
  readonly #rejections: Map<string, readonly Rejection[]>;

  constructor(db: Database.Database) {
    this.#db = db;
    const rows = db.prepare('SELECT name, rejections FROM last_good').all() as { name: string; rejections: string }[];
    this.#rejections = new Map(rows.map(({ name, rejections }) => [name, JSON.parse(rejections)]));
  }

  get(name: string): LastGood | undefined {
    if (!this.#rejections.has(name)) return undefined;
    const row = this.#db
      .prepare('SELECT tenant, refused, version, body, rejections FROM last_good WHERE name = ?')
      .get(name) as (Omit<LastGood, 'rejections'> & { rejections: string }) | undefined;
    return row && { ...row, rejections: JSON.parse(row.rejections) };
  }

  names(tenant: string): string[] {
    return [...this.#rejections.keys()].filter((name) => this.get(name)?.tenant === tenant);
  }

  /** The rejections of every name. */
  get rejections(): Rejection[] {
    return [...this.#rejections.values()].flat();
  }

  put(name: string, { tenant, refused, version, body, rejections }: LastGood): void {
    this.#db
      .prepare(
        'INSERT INTO last_good VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET tenant = excluded.tenant, refused = excluded.refused, version = excluded.version, body = excluded.body, rejections = excluded.rejections',
      )
      .run(name, tenant, refused, version, body, JSON.stringify(rejections));
    this.#rejections.set(name, rejections);
  }

  remove(name: string): void {
    if (!this.#rejections.delete(name)) return;
    this.#db.prepare('DELETE FROM last_good WHERE name = ?').run(name);
  }

  removeTenant(tenant: string): void {
    for (const name of this.names(tenant)) this.#rejections.delete(name);
    this.#db.prepare('DELETE FROM last_good WHERE tenant = ?').run(tenant);
  }
}
