import type Database from 'better-sqlite3';

/** The versions of the certificates that the platform obtained for a tenant, by name. Absent names have none. */
export type Issued = ReadonlyMap<string, string>;

/** A certificate that the platform obtained for a name. */
export interface IssuedCertificate {
  /** PEM, the certificate of the name first. */
  chain: string;
  /** The private key, sealed by the agent. */
  key: Buffer;
}

/** What the replica keeps about one name. */
export interface IssuedRow {
  certificate: IssuedCertificate | undefined;
  version: string;
  /** Absent while the authority asks for nothing. */
  challenge: Challenge | undefined;
}

/** A challenge of the authority. Without a token, it is answered in a TLS handshake. */
interface Challenge {
  token?: string;
  keyAuthorization: string;
}

/**
 * The certificates that the platform obtained, and the challenges of the authority that Envoys answer, of all tenants,
 * in the file of the replica. The table is created when it is missing, like the table of registered endpoints.
 */
export class IssuedTable {
  readonly #put: Database.Statement;
  readonly #delete: Database.Statement;
  readonly #of: Database.Statement;
  readonly #find: Database.Statement;
  readonly #answers: Database.Statement;
  readonly #handshake: Database.Statement;
  readonly #clear: Database.Statement;

  constructor(db: Database.Database) {
    db.exec(
      'CREATE TABLE IF NOT EXISTS issued (name TEXT, tenant TEXT, version TEXT NOT NULL, chain TEXT, key BLOB, token TEXT, answer TEXT, PRIMARY KEY (name, tenant)) WITHOUT ROWID;' +
        'CREATE INDEX IF NOT EXISTS issued_tenant ON issued (tenant, name, version);' +
        'CREATE INDEX IF NOT EXISTS issued_open ON issued (name, token, answer) WHERE token IS NOT NULL',
    );
    this.#put = db.prepare('INSERT OR REPLACE INTO issued VALUES (?, ?, ?, ?, ?, ?, ?)');
    this.#delete = db.prepare('DELETE FROM issued WHERE name = ? AND tenant = ?');
    this.#of = db.prepare("SELECT name, version FROM issued WHERE tenant = ? AND version <> ''").raw();
    this.#find = db.prepare('SELECT chain, key FROM issued WHERE name = ? AND tenant = ? AND chain IS NOT NULL');
    this.#answers = db
      .prepare("SELECT name || ' ' || token || ' ' || answer FROM issued WHERE token IS NOT NULL")
      .pluck();
    this.#handshake = db
      .prepare('SELECT answer FROM issued WHERE name = ? AND token IS NULL AND answer IS NOT NULL')
      .pluck();
    this.#clear = db.prepare('DELETE FROM issued WHERE tenant = ?');
  }

  of(tenant: string): Issued {
    return new Map(this.#of.all(tenant) as [string, string][]);
  }

  find(tenant: string, name: string): IssuedCertificate | undefined {
    return this.#find.get(name, tenant) as IssuedCertificate | undefined;
  }

  /** Lists the answers that the authority requests by a token: one line `host token answer` each. */
  answers(): string {
    return this.#answers.all().join('\n');
  }

  /** Returns what the authority expects in a TLS handshake with a host; undefined when no tenant expects one. */
  handshakeAnswer(host: string): string | undefined {
    return this.#handshake.get(host) as string | undefined;
  }

  put(tenant: string, name: string, { certificate, version, challenge }: IssuedRow): void {
    this.#put.run(
      name,
      tenant,
      version,
      certificate?.chain ?? null,
      certificate?.key ?? null,
      challenge?.token ?? null,
      challenge?.keyAuthorization ?? null,
    );
  }

  remove(tenant: string, name: string): void {
    this.#delete.run(name, tenant);
  }

  removeTenant(tenant: string): void {
    this.#clear.run(tenant);
  }
}
