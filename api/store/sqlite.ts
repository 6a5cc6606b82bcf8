import { hash } from 'node:crypto';
import Database from 'better-sqlite3';
import { type Driver, type RawRow, type Statement, Unavailable, type Value } from './driver.ts';

interface Job {
  statements: Statement[];
  /** Whether the batch must be on disk before its promise resolves. */
  durable: boolean;
  resolve: (rows: RawRow[][]) => void;
  reject: (error: unknown) => void;
}

/** The number of pages to return to the disk at once. They are 4 MB. */
const PAGES_AT_ONCE = 1000;

/**
 * The maximum number of batches per transaction. All of them share one fsync. With more batches per transaction, the
 * first ones would wait longer for it, and so would the agents.
 */
const GROUP = 64;

/**
 * The codes of errors that the statement did not cause: no room, an I/O error, a file that became read-only, or another
 * process that has the lock. https://www.sqlite.org/rescode.html
 */
const NOT_NOW = /^SQLITE_(FULL|IOERR|READONLY|BUSY|LOCKED|CANTOPEN|NOMEM|PROTOCOL)/;

/**
 * The size of the parameters from which a batch counts as large, in characters. A batch of this size has thousands of
 * resources and takes over 50 ms. The driver runs it in slices, and other requests run in between.
 * Meanwhile reads use a second connection, which sees the committed data, and writes wait.
 */
const LARGE = 250_000;

/**
 * The time after which a large batch lets other requests run, in milliseconds. With a pause after every statement, the
 * batch would take a turn of the event loop for each, and the writes of all tenants wait for its end.
 */
const SLICE_MS = 4;

type Outcome = { rows: RawRow[][] } | { error: unknown };

/**
 * Creates the driver for SQLite in this process. A batch whose promise has resolved survives a power cut.
 *
 * Batches that are queued in one turn of the event loop share transactions and fsyncs (group commit). If one batch
 * fails, the driver still writes the others. No promise settles before the commit.
 */
export function sqliteDriver(path: string): Driver {
  const db = new Database(path, { timeout: 5000 });
  // This allows the file to shrink after deletes. It has an effect only on a new file, and only before all other
  // statements.
  db.pragma('auto_vacuum = INCREMENTAL');
  db.pragma('journal_mode = WAL');
  // SQLite truncates the log to this size after a checkpoint.
  db.pragma('journal_size_limit = 67108864');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  // Savepoints copy pages. These copies are kept in memory instead of a file.
  db.pragma('temp_store = MEMORY');
  // A checkpoint runs after 32 MB of log, so that a page which many commits change is written to the database only
  // once.
  db.pragma('wal_autocheckpoint = 8000');

  db.function('sha256', { deterministic: true, directOnly: true }, (text) => hash('sha256', String(text)));

  const run = runner(db);
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const savepoint = db.prepare('SAVEPOINT job');
  const release = db.prepare('RELEASE job');
  const undo = db.prepare('ROLLBACK TO job');
  let level = 'FULL';
  let queue: Job[] = [];
  /** Pending while a large batch is being written. Undefined otherwise. */
  let largeBatch: Promise<void> | undefined;
  let reader: { db: Database.Database; run: typeof run } | undefined;

  /** Returns the function that reads. It uses the second connection while a transaction is open on the first. */
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
        // On a full disk or an I/O error, SQLite rolls back the whole transaction, so the work of all jobs is lost.
        if (!db.inTransaction) throw error;
        undo.run();
        release.run();
        return { error };
      }
    });

  /**
   * Sets whether the next commit waits for an fsync. A commit without an fsync survives the end of this process. It
   * survives a power cut only after the next durable commit. https://www.sqlite.org/pragma.html#pragma_synchronous
   */
  function sync(jobs: readonly Pick<Job, 'durable'>[]): void {
    const needed = jobs.some(({ durable }) => durable) ? 'FULL' : 'NORMAL';
    if (needed === level) return;
    // This is not a prepared statement, because SQLite applies the pragma when it compiles the statement.
    db.pragma(`synchronous = ${needed}`);
    level = needed;
  }

  /**
   * Runs jobs in one transaction. It settles no promise, but returns the outcome of each job once all successful jobs
   * are on disk.
   */
  function transaction(jobs: readonly Job[], way: typeof together): Outcome[] {
    try {
      // An earlier rollback failed, so it is repeated before anything else.
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
      // The first attempt has no savepoints. A savepoint copies the pages that its job changes, which is a third of the
      // whole cost, and nearly every job succeeds.
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

  /** Runs one large job. No other job runs until it has settled. */
  async function inPieces({ statements, durable, resolve, reject }: Job): Promise<void> {
    try {
      if (db.inTransaction) rollback.run();
      sync([{ durable }]);
      begin.run();
      const rows: RawRow[][] = [];
      let until = performance.now() + SLICE_MS;
      for (const { sql, params } of statements) {
        rows.push(run(sql, params));
        if (performance.now() < until) continue;
        await new Promise((turn) => setImmediate(turn));
        until = performance.now() + SLICE_MS;
      }
      commit.run();
      resolve(rows);
    } catch (error) {
      reject(judged(error));
      // If the rollback fails too, it is repeated before the next transaction.
      if (db.inTransaction) attempt(() => rollback.run());
    }
  }

  function flush(): void {
    if (largeBatch) return;
    const large = path === ':memory:' ? -1 : queue.findIndex(isLarge);
    const jobs = large < 0 ? queue : queue.slice(0, large);
    const next = large < 0 ? undefined : queue[large];
    queue = large < 0 ? [] : queue.slice(large + 1);
    settleAll(jobs);
    if (next === undefined) return;
    largeBatch = inPieces(next).then(() => {
      largeBatch = undefined;
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
        return (largeBatch ? beside() : run)(sql, params);
      } catch (error) {
        throw judged(error);
      }
    },
    batch: (statements) => queued(statements, true),
    note: (statements) => queued(statements, false),
    damagePragma: 'integrity_check',
    tidy: async () => {
      await largeBatch;
      db.pragma(`incremental_vacuum(${PAGES_AT_ONCE})`);
    },
    close: async () => {
      flush();
      while (largeBatch) await largeBatch;
      reader?.db.close();
      db.close();
    },
  };
}

/** Returns a function that runs statements on a connection. It prepares each statement once. */
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
