import type Database from 'better-sqlite3';

/** The keys of all scopes, in ascending order, in the file of the replica. */
export class ScopeKeys {
  readonly #after: Database.Statement;
  readonly #of: Database.Statement;
  readonly #tenants: Database.Statement;
  readonly #isIn: Database.Statement;

  constructor(db: Database.Database) {
    this.#after = db.prepare('SELECT key FROM scope WHERE key > ? ORDER BY key LIMIT ?').pluck();
    this.#of = db.prepare('SELECT key, tenant FROM scope WHERE key > ? AND key < ? ORDER BY key');
    this.#tenants = db.prepare('SELECT DISTINCT tenant FROM scope WHERE key > ? AND key < ? ORDER BY tenant').pluck();
    this.#isIn = db.prepare('SELECT 1 FROM scope WHERE tenant = ? AND key > ? AND key < ? LIMIT 1');
  }

  /** Lists the keys after the key `key`. */
  after(key: string, limit: number): string[] {
    return this.#after.all(key, limit) as string[];
  }

  /** Lists the keys of one zone with their holders. */
  of(zone: string): { key: string; tenant: string }[] {
    // A zone ends with `|`, and `}` is the next character after `|`.
    return this.#of.all(`${zone}|`, `${zone}}`) as { key: string; tenant: string }[];
  }

  /**
   * Lists the tenants that have scopes in zones with this beginning, sorted by name.
   *
   * @param zones the beginning of the zones, up to and with a `~`
   */
  tenantsIn(zones: string): string[] {
    return this.#tenants.all(zones, endOf(zones)) as string[];
  }

  /** Whether a tenant has a scope in zones with this beginning, as in {@link tenantsIn}. */
  isIn(zones: string, tenant: string): boolean {
    return this.#isIn.get(tenant, zones, endOf(zones)) !== undefined;
  }
}

/** The first text after all texts with this beginning, which ends with `~`: the next character is DEL. */
const endOf = (zones: string): string => `${zones.slice(0, -1)}\x7f`;
