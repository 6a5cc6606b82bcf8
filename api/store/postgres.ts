import pg from 'pg';
import { type Driver, type RawRow, type Statement, Unavailable } from './driver.ts';
import { Pipeline, Preparation } from './postgres-pipeline.ts';
import type { PostgresConfig } from './postgres-url.ts';

const { DatabaseError, Pool } = pg;
type Client = pg.PoolClient;

/**
 * The maximum number of attempts. If two transactions wait for each other, PostgreSQL aborts one of them, and the
 * driver retries it.
 */
const TRIES = 5;
/** The maximum number of turns that this process has or awaits at once, and the maximum duration of a turn. */
const TURNS = 4;
const HELD_MS = 5_000;
const AGAIN = new Set(['40001', '40P01']);

/**
 * The codes of errors that the statement did not cause: connection, authorization, missing database, read-only after a
 * failover, resources (a full disk), cancelled (statement timeout), shut down, I/O error, or a deadlock or
 * serialization failure at every attempt. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const NOT_NOW = /^(08|28|3D|53|57|58|25006|40001|40P01|55P03)/;

/**
 * Creates the driver for PostgreSQL. Its writes are as durable as the setting `synchronous_commit`. A batch is one
 * transaction in one round trip. The isolation level is `read committed`, in which every statement sees all changes
 * that were committed before it. So a batch first locks the data that its guards check.
 */
export function postgresDriver({ connection, pool: max, statementTimeout, connectTimeout }: PostgresConfig): Driver {
  const pool = new Pool({ ...connection, max, connectionTimeoutMillis: connectTimeout, idleTimeoutMillis: 60_000 });
  // An idle connection was closed. The pool has dropped it, and the next request opens another.
  pool.on('error', () => {});
  // A connection in use was closed. Its statements fail, and it is not returned to the pool.
  pool.on('connect', (client) => client.on('error', () => {}));
  // Turns have a pool of their own. Otherwise the writers that wait for a turn could use up the connections that the
  // owner of the turn needs.
  const turns = new Pool({ ...connection, max: TURNS, connectionTimeoutMillis: 1_000, idleTimeoutMillis: 10_000 });
  turns.on('error', () => {});
  turns.on('connect', (client) => client.on('error', () => {}));
  const names = new WeakMap<Client, Map<string, string>>();
  // A server that disappears without closing the connection does not report the statement timeout, so this process has
  // its own.
  const deadline = 2 * statementTimeout;

  /**
   * Prepares the statements that have parameters. Statements without parameters run only once, for example in a
   * migration.
   */
  async function prepared(client: Client, statements: readonly Statement[]): Promise<Map<string, string>> {
    let known = names.get(client);
    if (known === undefined) names.set(client, (known = new Map()));
    const fresh = new Map<string, string>();
    for (const { sql, params } of statements) {
      if (params.length > 0 && !known.has(sql) && !fresh.has(sql)) fresh.set(sql, `g${known.size + fresh.size}`);
    }
    if (fresh.size > 0) {
      await exchange(client, new Preparation(new Map([...fresh].map(([sql, name]) => [name, sql]))));
      for (const [sql, name] of fresh) known.set(sql, name);
    }
    return known;
  }

  async function exchange<T>(client: Client, work: Preparation | Pipeline): Promise<T> {
    const timer = setTimeout(() => work.abandon(), deadline);
    try {
      client.query(work);
      return (await work.done) as T;
    } finally {
      clearTimeout(timer);
    }
  }

  async function attempt(statements: readonly Statement[]): Promise<RawRow[][]> {
    const client = await pool.connect().catch((cause: unknown) => {
      throw new Unavailable('no connection to PostgreSQL', { cause });
    });
    // True until the statements are prepared. After a failed preparation, it is unknown which names exist on the
    // server.
    let broken = true;
    try {
      const known = await prepared(client, statements);
      broken = false;
      return await exchange(client, new Pipeline(statements, (sql) => known.get(sql)));
    } catch (error) {
      if (!(error instanceof DatabaseError)) broken = true;
      throw judged(error);
    } finally {
      client.release(broken);
    }
  }

  async function run(statements: readonly Statement[]): Promise<RawRow[][]> {
    for (let tries = 1; ; tries++) {
      try {
        return await attempt(statements);
      } catch (error) {
        const { code } = (error instanceof Unavailable ? error.cause : error) as { code?: string };
        if (tries === TRIES || code === undefined || !AGAIN.has(code)) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 10 * tries));
      }
    }
  }

  /**
   * Holds the lock in a transaction. The lock is then released however the transaction ends: by a release, by its time
   * limit, or because the process or the connection ended.
   */
  async function hold(lock: string): Promise<() => void> {
    const client = await turns.connect();
    const end = () =>
      client.query('rollback').then(
        () => client.release(),
        (error: Error) => client.release(error),
      );
    try {
      await client.query(
        `begin; set local idle_in_transaction_session_timeout = ${HELD_MS}; select pg_advisory_xact_lock(hashtextextended(${pg.escapeLiteral(lock)}, 0))`,
      );
    } catch (error) {
      void end();
      throw judged(error);
    }
    return () => void end();
  }

  return {
    all: async (sql, params) => (await run([{ sql, params }]))[0]!,
    batch: run,
    hold,
    close: async () => void (await Promise.all([pool.end(), turns.end()])),
  };
}

function judged(error: unknown): unknown {
  if (error instanceof DatabaseError && !NOT_NOW.test(error.code ?? '')) return error;
  return new Unavailable('PostgreSQL does not answer', { cause: error });
}
