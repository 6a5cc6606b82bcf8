import pg from 'pg';
import { type Driver, type RawRow, type Statement, Unavailable } from './driver.ts';
import { Pipeline, Preparation } from './postgres-pipeline.ts';
import type { PostgresConfig } from './postgres-url.ts';

const { DatabaseError, Pool } = pg;
type Client = pg.PoolClient;

/** Of two transactions that wait for each other PostgreSQL ends one; again, it goes through. */
const TRIES = 5;
/** Turns held or waited for at once, and how long one may be held. */
const TURNS = 4;
const HELD_MS = 5_000;
const AGAIN = new Set(['40001', '40P01']);

/**
 * What says nothing about the statement, only that it cannot be run here and now: connection, authorization, no such
 * database, read-only after a failover, resources (a full disk), cancelled (statement timeout), shut down, an I/O
 * error, or still at odds after every try.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const NOT_NOW = /^(08|28|3D|53|57|58|25006|40001|40P01|55P03)/;

/**
 * PostgreSQL, durable as its `synchronous_commit` is. A batch is one transaction in one round trip. Isolation is `read committed`, in which every
 * statement sees what was committed before it: batches that decide on something take its lock first.
 */
export function postgresDriver({ connection, pool: max, statementTimeout, connectTimeout }: PostgresConfig): Driver {
  const pool = new Pool({ ...connection, max, connectionTimeoutMillis: connectTimeout, idleTimeoutMillis: 60_000 });
  // An idle connection was closed: the pool has dropped it, and the next request opens another.
  pool.on('error', () => {});
  // One in use: what runs on it fails, and it is not given back.
  pool.on('connect', (client) => client.on('error', () => {}));
  // Apart from the others: who waits for a turn must not keep a connection from whoever has it.
  const turns = new Pool({ ...connection, max: TURNS, connectionTimeoutMillis: 1_000, idleTimeoutMillis: 10_000 });
  turns.on('error', () => {});
  turns.on('connect', (client) => client.on('error', () => {}));
  const names = new WeakMap<Client, Map<string, string>>();
  // A server that is gone without a word answers nothing, not even its own timeout.
  const deadline = 2 * statementTimeout;

  /** Statements with parameters are worth preparing; the others run once, like a migration's. */
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
    // Until the statements are prepared: names of a preparation that failed may or may not be taken.
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
   * In a transaction, for its end gives up the lock whatever happens: the process's, the connection's, or its own time.
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
