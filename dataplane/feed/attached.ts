import type Database from 'better-sqlite3';
import type { AttachedHost } from '../../model/binding/shared-gateway.ts';

/** Created when a replica opens, so that a replica of an earlier version gets the table too. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS attached (tenant TEXT, owner TEXT, host TEXT, PRIMARY KEY (tenant, owner, host)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS attached_owner ON attached (owner);
`;

/** The hosts that tenants have attached to gateways of other tenants. */
export class AttachedTable {
  readonly #set: { remove: Database.Statement; add: Database.Statement };
  readonly #of: Database.Statement;
  readonly #to: Database.Statement;
  readonly #isTo: Database.Statement;
  #isEmpty: boolean;

  constructor(db: Database.Database) {
    db.exec(SCHEMA);
    this.#set = {
      remove: db.prepare('DELETE FROM attached WHERE tenant = ?'),
      add: db.prepare('INSERT OR IGNORE INTO attached VALUES (?, ?, ?)'),
    };
    this.#of = db.prepare('SELECT owner, host FROM attached WHERE tenant = ? ORDER BY owner, host');
    this.#to = db.prepare('SELECT tenant, host FROM attached WHERE owner = ? ORDER BY tenant, host');
    this.#isTo = db.prepare('SELECT 1 FROM attached WHERE owner = ? AND tenant = ? LIMIT 1');
    this.#isEmpty = db.prepare('SELECT 1 FROM attached LIMIT 1').get() === undefined;
  }

  /** Whether no tenant has attached a host, as on most fleets. Events then cost nothing here. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Replaces the hosts that a tenant has attached. */
  set(tenant: string, hosts: readonly AttachedHost[]): void {
    if (this.#isEmpty && hosts.length === 0) return;
    this.#set.remove.run(tenant);
    for (const { owner, host } of hosts) this.#set.add.run(tenant, owner, host);
    this.#isEmpty = false;
  }

  /** Lists the hosts that a tenant has attached, by owner. */
  of(tenant: string): Map<string, string[]> {
    if (this.#isEmpty) return new Map();
    return grouped(this.#of.all(tenant) as { owner: string; host: string }[], ({ owner }) => owner);
  }

  /** Lists the hosts that tenants have attached to the gateways of an owner, by tenant. */
  to(owner: string): Map<string, string[]> {
    if (this.#isEmpty) return new Map();
    return grouped(this.#to.all(owner) as { tenant: string; host: string }[], ({ tenant }) => tenant);
  }

  /** Whether a tenant has attached a host to the gateways of an owner. */
  isTo(owner: string, tenant: string): boolean {
    return !this.#isEmpty && this.#isTo.get(owner, tenant) !== undefined;
  }
}

function grouped<R extends { host: string }>(rows: readonly R[], keyOf: (row: R) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row.host);
    else groups.set(keyOf(row), [row.host]);
  }
  return groups;
}
