import { existsSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import type { Kind } from '../../model/kinds/index.ts';
import type { FleetDescription } from '../../wire/feed.ts';
import { makeFolder } from '../../wire/make-folder.node.ts';
import { AnswersTable } from './answers.ts';
import { AttachedTable } from './attached.ts';
import { ReplicaDamaged, requireIntact, requireWhole } from './damage.ts';
import { DelegatedTable } from './delegated.ts';
import { HeldBackTable } from './held-back.ts';
import { IssuedTable } from './issued.ts';
import { LastGoodTable } from './last-good.ts';
import { PortKeys } from './port-keys.ts';
import { RegisteredTable } from './registered.ts';
import { FORMAT, SCHEMA } from './schema.ts';
import { ScopeKeys } from './scope-keys.ts';
import type { Seal } from './sealing.ts';

/** The owner under which the proof is sealed. No certificate has this owner, because their owners contain a slash. */
const PROOF = 'replica';

/** The columns of the names in the two host tables. */
const COLUMN = { scope: 'key', admitted: 'host' } as const;

export interface ReplicaRow {
  kind: Kind;
  name: string;
  spec: string;
}

/**
 * The agent's copy of the fleet's tenants, in one SQLite file. The agent serves from it when the API is unavailable.
 * Commits are not fsynced. A power cut may lose the latest changes, but it loses the cursor of these changes with them.
 * The agent then pulls the changes again.
 */
export class Replica {
  readonly #db: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  readonly lastGood: LastGoodTable;
  readonly attached: AttachedTable;
  readonly delegated: DelegatedTable;
  readonly heldBack: HeldBackTable;
  readonly registered: RegisteredTable;
  readonly issued: IssuedTable;
  readonly answers: AnswersTable;
  readonly scopeKeys: ScopeKeys;
  readonly portKeys: PortKeys;
  readonly file: string;

  private constructor(file: string, db: Database.Database) {
    this.file = file;
    this.#db = db;
    this.lastGood = new LastGoodTable(db);
    this.attached = new AttachedTable(db);
    this.delegated = new DelegatedTable(db);
    this.heldBack = new HeldBackTable(db);
    this.registered = new RegisteredTable(db);
    this.issued = new IssuedTable(db);
    this.answers = new AnswersTable(db);
    this.scopeKeys = new ScopeKeys(db);
    this.portKeys = new PortKeys(db);
  }

  /**
   * Opens a replica, or creates an empty one if there is no file.
   *
   * @throws ReplicaDamaged when there is a file and it is truncated, corrupt or of another format
   */
  static open(file: string): Replica {
    makeFolder(dirname(file), 0o700);
    const existed = existsSync(file) && statSync(file).size > 0;
    let db: Database.Database | undefined;
    try {
      if (existed) requireWhole(file);
      db = new Database(file);
      db.pragma('journal_mode = WAL');
      db.pragma('synchronous = NORMAL');
      db.pragma('cache_size = -8192');
      if (existed) requireIntact(db, file, FORMAT);
      else db.exec(`BEGIN; ${SCHEMA} PRAGMA user_version = ${FORMAT}; COMMIT;`);
      return new Replica(file, db);
    } catch (error) {
      db?.close();
      if (existed && !(error instanceof ReplicaDamaged))
        throw new ReplicaDamaged((error as Error).message, { cause: error });
      throw error;
    }
  }

  /** Deletes the file of a replica, with the files that SQLite keeps beside it. */
  static discard(file: string): void {
    for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
  }

  close(): void {
    this.#db.close();
  }

  /**
   * Checks that the agent's key sealed the private keys in this file. The first call records the key, by sealing a
   * known text with it.
   *
   * @throws ReplicaDamaged when another key sealed them
   */
  requireSealedBy(seal: Seal): void {
    const proof = this.#meta('seal');
    if (proof === undefined) this.#setMeta('seal', seal.close('', PROOF).toString('base64'));
    else {
      try {
        seal.open(Buffer.from(proof, 'base64'), PROOF);
      } catch (cause) {
        throw new ReplicaDamaged("its private keys were sealed by another key than the agent's", { cause });
      }
    }
  }

  /** Runs `work` in one transaction. Inside another transaction, it is a savepoint. */
  transaction<T>(work: () => T): T {
    return this.#db.transaction(work).immediate();
  }

  /** The feed sequence number up to which all events are applied; 0 when none are. */
  get cursor(): number {
    return Number(this.#meta('cursor') ?? 0);
  }
  set cursor(seq: number) {
    this.#setMeta('cursor', String(seq));
  }

  /** False until the first snapshot is complete. Before that, a missing resource may still arrive. */
  get complete(): boolean {
    return this.#meta('complete') === '1';
  }
  set complete(complete: boolean) {
    this.#setMeta('complete', complete ? '1' : '0');
  }

  get fleet(): FleetDescription | undefined {
    const text = this.#meta('fleet');
    return text === undefined ? undefined : (JSON.parse(text) as FleetDescription);
  }
  set fleet(fleet: FleetDescription) {
    this.#setMeta('fleet', JSON.stringify(fleet));
  }

  /** The drained nodes of the fleet, as the feed named them last. Undefined until it has. */
  get drained(): readonly string[] | undefined {
    const text = this.#meta('drained');
    return text === undefined ? undefined : (JSON.parse(text) as string[]);
  }
  set drained(nodes: readonly string[]) {
    this.#setMeta('drained', JSON.stringify(nodes));
  }

  /** Returns the stored revision of a tenant; 0 when the replica does not have the tenant. */
  revision(tenant: string): number {
    const stored = this.#prepare('SELECT revision FROM tenant WHERE name = ?').pluck().get(tenant);
    return (stored as number | undefined) ?? 0;
  }

  setRevision(tenant: string, revision: number, seq: number, sweep: number): void {
    this.#prepare(
      'INSERT INTO tenant VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET revision = excluded.revision, seq = excluded.seq, sweep = excluded.sweep',
    ).run(tenant, revision, seq, sweep);
  }

  /** Lists the tenants that the snapshot numbered `sweep` did not contain. */
  unswept(sweep: number): string[] {
    return this.#prepare('SELECT name FROM tenant WHERE sweep <> ? ORDER BY name').pluck().all(sweep) as string[];
  }

  /** Notes that the snapshot numbered `sweep` contained the tenant, although its content could not be stored. */
  sweepTenant(tenant: string, sweep: number): void {
    this.#prepare('UPDATE tenant SET sweep = ? WHERE name = ?').run(sweep, tenant);
  }

  /** The number of the latest snapshot. */
  get sweep(): number {
    return Number(this.#meta('sweep') ?? 0);
  }
  set sweep(sweep: number) {
    this.#setMeta('sweep', String(sweep));
  }

  countTenants(): number {
    return (this.#prepare('SELECT count(*) AS n FROM tenant').get() as { n: number }).n;
  }

  resources(tenant: string): ReplicaRow[] {
    return this.#prepare('SELECT kind, name, spec FROM resource WHERE tenant = ? ORDER BY kind, name').all(
      tenant,
    ) as ReplicaRow[];
  }

  putResource(tenant: string, kind: Kind, name: string, spec: string, key: Buffer | null): void {
    this.#prepare(
      'INSERT INTO resource VALUES (?, ?, ?, ?, ?) ON CONFLICT (tenant, kind, name) DO UPDATE SET spec = excluded.spec, key = excluded.key',
    ).run(tenant, kind, name, spec, key);
  }

  deleteResource(tenant: string, kind: Kind, name: string): void {
    this.#prepare('DELETE FROM resource WHERE tenant = ? AND kind = ? AND name = ?').run(tenant, kind, name);
  }

  clearTenant(tenant: string): void {
    this.#prepare('DELETE FROM resource WHERE tenant = ?').run(tenant);
    this.registered.removeTenant(tenant);
    this.issued.removeTenant(tenant);
  }

  removeTenant(tenant: string): void {
    this.clearTenant(tenant);
    this.#prepare('DELETE FROM tenant WHERE name = ?').run(tenant);
    this.lastGood.removeTenant(tenant);
    this.attached.set(tenant, []);
    this.delegated.set(tenant, new Set());
    this.heldBack.removeTenant(tenant);
  }

  /** Returns the sealed private key of a certificate; undefined when the API sent none. */
  sealedKey(tenant: string, certificate: string): Buffer | undefined {
    const of = this.#prepare("SELECT key FROM resource WHERE tenant = ? AND kind = 'certificate' AND name = ?").pluck();
    return (of.get(tenant, certificate) as Buffer | null | undefined) ?? undefined;
  }

  /**
   * Finds the first of these names that a tenant holds in one of the two host tables.
   *
   * @param table `scope`: scope keys with routes; `admitted`: hosts with a certificate
   */
  holder(table: 'scope' | 'admitted', names: readonly string[]): { name: string; tenant: string } | undefined {
    const statement = this.#prepare(`SELECT tenant FROM ${table} WHERE ${COLUMN[table]} = ?`);
    for (const name of names) {
      const row = statement.get(name) as { tenant: string } | undefined;
      if (row) return { name, tenant: row.tenant };
    }
    return undefined;
  }

  /** Lists the names that a tenant holds in one of the two host tables. */
  namesOf(table: 'scope' | 'admitted', tenant: string): string[] {
    return this.#prepare(`SELECT ${COLUMN[table]} FROM ${table} WHERE tenant = ?`).pluck().all(tenant) as string[];
  }

  /**
   * Assigns a host to a tenant, even if another tenant holds it: the feed is in commit order, so the later event wins.
   */
  assign(table: 'scope' | 'admitted', tenant: string, name: string): void {
    const update = `ON CONFLICT (${COLUMN[table]}) DO UPDATE SET tenant = excluded.tenant`;
    this.#prepare(`INSERT INTO ${table} VALUES (?, ?) ${update}`).run(name, tenant);
  }

  release(table: 'scope' | 'admitted', tenant: string, name: string): void {
    this.#prepare(`DELETE FROM ${table} WHERE ${COLUMN[table]} = ? AND tenant = ?`).run(name, tenant);
  }

  #meta(key: string): string | undefined {
    return (this.#prepare('SELECT value FROM meta WHERE key = ?').get(key) as { value: string } | undefined)?.value;
  }

  #setMeta(key: string, value: string): void {
    this.#prepare('INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value').run(
      key,
      value,
    );
  }

  #prepare(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}
