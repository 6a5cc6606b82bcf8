import pg from 'pg';
import { type Driver, type RawRow, type Statement, Unavailable } from './driver.ts';
import { Pipeline, Preparation } from './postgres-pipeline.ts';
import type { PostgresConfig } from './postgres-url.ts';

const { DatabaseError, Pool } = pg;
type Client = pg.PoolClient;

/** PostgreSQL ends one of two transactions that wait for each other. That one is retried. */
const TRIES = 5;
/** The number of turns held or awaited at once, and the longest time for which one is held. */
const TURNS = 4;
const HELD_MS = 5_000;
const AGAIN = new Set(['40001', '40P01']);

/**
 * Errors that the statement did not cause: connection, authorization, no such database, read-only after a failover,
 * resources (a full disk), cancelled (statement timeout), shut down, an I/O error, or a deadlock or serialization
 * failure at every try. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const NOT_NOW = /^(08|28|3D|53|57|58|25006|40001|40P01|55P03)/;

/**
 * PostgreSQL, as durable as its `synchronous_commit`. A batch is one transaction in one round trip. The isolation level
 * is `read committed`: every statement sees what was committed before it. So a batch that decides on rows locks them
 * first.
 */
export function postgresDriver({ connection, pool: max, statementTimeout, connectTimeout }: PostgresConfig): Driver {
  const pool = new Pool({ ...connection, max, connectionTimeoutMillis: connectTimeout, idleTimeoutMillis: 60_000 });
  // An idle connection was closed. The pool has dropped it, and the next request opens another.
  pool.on('error', () => {});
  // A connection in use was closed. Its statements fail, and it is not returned to the pool.
  pool.on('connect', (client) => client.on('error', () => {}));
  // A pool of its own: those who wait for a turn must not use up the connections that the holder needs.
  const turns = new Pool({ ...connection, max: TURNS, connectionTimeoutMillis: 1_000, idleTimeoutMillis: 10_000 });
  turns.on('error', () => {});
  turns.on('connect', (client) => client.on('error', () => {}));
  const names = new WeakMap<Client, Map<string, string>>();
  // A server that disappears without closing the connection does not even report its own timeout.
  const deadline = 2 * statementTimeout;

  /** Prepares statements with parameters. The others run once, like those of a migration. */
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
    // True until the statements are prepared: the names of a preparation that failed may or may not exist.
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
   * Holds the lock in a transaction, because every end of the transaction releases it: the end of the process, of the
   * connection, or of its time limit.
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
