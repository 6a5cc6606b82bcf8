import Database from 'better-sqlite3';
import { type Driver, type RawRow, type Statement, Unavailable, type Value } from './driver.ts';

interface Job {
  statements: Statement[];
  /** Whether the batch must be on disk before it resolves. */
  durable: boolean;
  resolve: (rows: RawRow[][]) => void;
  reject: (error: unknown) => void;
}

/** Pages returned to the disk at a time: 4 MB. */
const PAGES_AT_ONCE = 1000;

/**
 * The most batches per transaction. More would share its fsync too, but then the first ones, and the agents that need
 * them, would wait longer.
 */
const GROUP = 64;

/**
 * Errors that the statement did not cause: no room, an I/O error, a file that became read-only, another process with
 * the lock. https://www.sqlite.org/rescode.html
 */
const NOT_NOW = /^SQLITE_(FULL|IOERR|READONLY|BUSY|LOCKED|CANTOPEN|NOMEM|PROTOCOL)/;

/**
 * A batch with more characters of parameters (thousands of resources) takes over 50 ms. It is written one statement at
 * a time, and other requests are answered in between. Meanwhile reads use a connection of their own, which sees the
 * committed data; writes wait for their turn.
 */
const LARGE = 250_000;

type Outcome = { rows: RawRow[][] } | { error: unknown };

/**
 * SQLite in this process, durable: a batch that resolved survives a power cut.
 *
 * Group commit: batches queued in one turn of the event loop share transactions and their fsyncs. If one batch fails,
 * the others are written all the same. No promise settles before the commit.
 */
export function sqliteDriver(path: string): Driver {
  const db = new Database(path, { timeout: 5000 });
  // Has an effect on a new file only, and must come first there. It allows the file to shrink after deletes.
  db.pragma('auto_vacuum = INCREMENTAL');
  db.pragma('journal_mode = WAL');
  // After a checkpoint, the log is truncated to this size.
  db.pragma('journal_size_limit = 67108864');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  // The copies of pages that savepoints make are not worth a file.
  db.pragma('temp_store = MEMORY');
  // 32 MB of log: a page that many commits change is written to the database once.
  db.pragma('wal_autocheckpoint = 8000');

  const run = runner(db);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const savepoint = db.prepare('SAVEPOINT job');
  const release = db.prepare('RELEASE job');
  const undo = db.prepare('ROLLBACK TO job');
  let level = 'FULL';
  let queue: Job[] = [];
  /** While a large batch is being written. */
  let held: Promise<void> | undefined;
  let reader: { db: Database.Database; run: typeof run } | undefined;

  /** Uses the other connection while a transaction is open on the first. */
  function beside(): typeof run {
    if (reader === undefined) {
      const second = new Database(path, { readonly: true, timeout: 5000 });
      reader = { db: second, run: runner(second) };
    }
    return reader.run;
  }

  const together = (jobs: readonly Job[]): Outcome[] =>
    jobs.map(({ statements }) => ({ rows: statements.map(({ sql, params }) => run(sql, params)) }));

  /** Runs each job in a savepoint, so that a failure does not affect the others. */
  const apart = (jobs: readonly Job[]): Outcome[] =>
    jobs.map((job) => {
      savepoint.run();
      try {
        const [outcome] = together([job]);
        release.run();
        return outcome!;
      } catch (error) {
        // On a full disk or an I/O error, SQLite rolls back the whole transaction: the work of all jobs is lost.
        if (!db.inTransaction) throw error;
        undo.run();
        release.run();
        return { error };
      }
    });

  /**
   * In the log without an fsync, a commit survives this process, but a power cut only after the next durable commit.
   * https://www.sqlite.org/pragma.html#pragma_synchronous
   */
  function sync(jobs: readonly Pick<Job, 'durable'>[]): void {
    const needed = jobs.some(({ durable }) => durable) ? 'FULL' : 'NORMAL';
    if (needed === level) return;
    // Not a prepared statement: SQLite applies the pragma when it compiles the statement.
    db.pragma(`synchronous = ${needed}`);
    level = needed;
  }

  /** Settles no promise: returns the outcome of each job once all successful jobs are on disk. */
  function transaction(jobs: readonly Job[], way: typeof together): Outcome[] {
    try {
      // An earlier rollback failed too, so it is repeated before anything else.
      if (db.inTransaction) rollback.run();
      sync(jobs);
      begin.run();
      const outcomes = way(jobs);
      commit.run();
      return outcomes;
    } catch (error) {
      if (db.inTransaction) rollback.run();
      throw error;
    }
  }

  function settle(jobs: readonly Job[]): Outcome[] {
    try {
      // No savepoints at first: each copies the pages that its job changes, a third of the whole cost, and nearly every
      // job succeeds.
      return transaction(jobs, together);
    } catch (error) {
      if (jobs.length === 1) return [{ error }];
    }
    try {
      return transaction(jobs, apart);
    } catch (error) {
      return jobs.map(() => ({ error }));
    }
  }

  /** Runs one large job. Nothing else is written until it is settled. */
  async function inPieces({ statements, durable, resolve, reject }: Job): Promise<void> {
    try {
      if (db.inTransaction) rollback.run();
      sync([{ durable }]);
      begin.run();
      const rows: RawRow[][] = [];
      for (const { sql, params } of statements) {
        rows.push(run(sql, params));
        await new Promise((turn) => setImmediate(turn));
      }
      commit.run();
      resolve(rows);
    } catch (error) {
      reject(judged(error));
      // If this fails too, it is repeated before the next transaction.
      if (db.inTransaction) attempt(() => rollback.run());
    }
  }

  function flush(): void {
    if (held) return;
    const large = path === ':memory:' ? -1 : queue.findIndex(isLarge);
    const jobs = large < 0 ? queue : queue.slice(0, large);
    const next = large < 0 ? undefined : queue[large];
    queue = large < 0 ? [] : queue.slice(large + 1);
    settleAll(jobs);
    if (next === undefined) return;
    held = inPieces(next).then(() => {
      held = undefined;
      flush();
    });
  }

  function settleAll(jobs: readonly Job[]): void {
    if (jobs.length === 0) return;
    settle(jobs).forEach((outcome, index) => {
      const { resolve, reject } = jobs[index]!;
      if ('error' in outcome) reject(judged(outcome.error));
      else resolve(outcome.rows);
    });
  }

  const queued = (statements: Statement[], durable: boolean): Promise<RawRow[][]> =>
    new Promise((resolve, reject) => {
      const length = queue.push({ statements, durable, resolve, reject });
      if (length === 1) setImmediate(flush);
      else if (length === GROUP) flush();
    });

  return {
    all: async (sql, params) => {
      try {
        return (held ? beside() : run)(sql, params);
      } catch (error) {
        throw judged(error);
      }
    },
    batch: (statements) => queued(statements, true),
    note: (statements) => queued(statements, false),
    tidy: async () => {
      await held;
      db.pragma(`incremental_vacuum(${PAGES_AT_ONCE})`);
    },
    close: async () => {
      flush();
      while (held) await held;
      reader?.db.close();
      db.close();
    },
  };
}

/** Runs statements, each prepared once. */
function runner(db: Database.Database) {
  const cache = new Map<string, Database.Statement<Value[], RawRow>>();
  return (sql: string, params: Value[]): RawRow[] => {
    let statement = cache.get(sql);
    if (statement === undefined) {
      statement = db.prepare<Value[], RawRow>(sql);
      if (statement.reader) statement.raw();
      cache.set(sql, statement);
    }
    if (statement.reader) return statement.all(...params);
    statement.run(...params);
    return [];
  };
}

function isLarge({ statements }: Job): boolean {
  let length = 0;
  for (let at = 0; at < statements.length; at++) {
    const { params } = statements[at]!;
    for (let index = 0; index < params.length; index++) {
      const param = params[index];
      if (typeof param === 'string') length += param.length;
    }
  }
  return length > LARGE;
}

function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // The caller handles the error.
  }
}

function judged(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError) || !NOT_NOW.test(error.code)) return error;
  return new Unavailable(`SQLite cannot run it now: ${error.message}`, { cause: error });
}
