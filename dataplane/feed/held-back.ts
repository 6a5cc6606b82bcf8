import type Database from 'better-sqlite3';
import type { Route } from '../../model/kinds/route.ts';
import type { Rejection } from '../../wire/feed.ts';

/** Created when a replica opens, so that a replica of an earlier version gets the table too. */
const SCHEMA =
  'CREATE TABLE IF NOT EXISTS held_back (tenant TEXT, route TEXT, spec TEXT NOT NULL, good TEXT, rejection TEXT NOT NULL, PRIMARY KEY (tenant, route)) WITHOUT ROWID';

/** A route of another tenant that is left out of the routes of a tenant, because Envoy rejects it. */
export interface HeldBack {
  /** The tenant whose rules delegate to the route. */
  tenant: string;
  /** The route as the rules of the tenant name it, such as `books/cart`. */
  route: string;
  /** The rejected route, as JSON. */
  spec: string;
  /** The route that is served in its place; absent: none. */
  good: Route | undefined;
  /** What the tenant of the route learns. */
  rejection: Rejection;
}

/** The routes that are held back. They are on disk, so a restarted agent does not send again what Envoy rejected. */
export class HeldBackTable {
  readonly #db: Database.Database;
  /** By tenant, then by route. It is nearly always empty. */
  readonly #held = new Map<string, Map<string, HeldBack>>();

  constructor(db: Database.Database) {
    this.#db = db;
    db.exec(SCHEMA);
    for (const row of db.prepare('SELECT * FROM held_back').all() as Record<string, string | null>[]) {
      const { tenant, route, spec, good, rejection } = row;
      this.#keep({
        ...{ tenant: tenant!, route: route!, spec: spec! }, // not null
        good: good === null ? undefined : JSON.parse(good!),
        rejection: JSON.parse(rejection!),
      });
    }
  }

  /** Lists the routes that are held back from the routes of a tenant. */
  of(tenant: string): readonly HeldBack[] {
    return [...(this.#held.get(tenant)?.values() ?? [])];
  }

  get rejections(): Rejection[] {
    return [...this.#held.values()].flatMap((routes) => [...routes.values()].map(({ rejection }) => rejection));
  }

  put(held: HeldBack): void {
    const { tenant, route, spec, good, rejection } = held;
    this.#db
      .prepare('INSERT OR REPLACE INTO held_back VALUES (?, ?, ?, ?, ?)')
      .run(tenant, route, spec, good ? JSON.stringify(good) : null, JSON.stringify(rejection));
    this.#keep(held);
  }

  remove({ tenant, route }: Pick<HeldBack, 'tenant' | 'route'>): void {
    const routes = this.#held.get(tenant);
    if (!routes?.delete(route)) return;
    if (routes.size === 0) this.#held.delete(tenant);
    this.#db.prepare('DELETE FROM held_back WHERE tenant = ? AND route = ?').run(tenant, route);
  }

  removeTenant(tenant: string): void {
    for (const each of this.of(tenant)) this.remove(each);
  }

  #keep(held: HeldBack): void {
    const routes = this.#held.get(held.tenant) ?? new Map<string, HeldBack>();
    this.#held.set(held.tenant, routes.set(held.route, held));
  }
}
