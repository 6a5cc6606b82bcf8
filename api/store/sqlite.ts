import Database from 'better-sqlite3';
import { type Driver, type RawRow, type Statement, Unavailable, type Value } from './driver.ts';

interface Job {
  statements: Statement[];
  /** To be on disk before it is said to be done. */
  durable: boolean;
  resolve: (rows: RawRow[][]) => void;
  reject: (error: unknown) => void;
}

/** Given back at a time: 4 MB. */
const PAGES_AT_ONCE = 1000;

/**
 * So many batches are enough for a transaction: more would share its fsync too, but whoever came first would wait for all who came in the same
 * turn, and agents with them.
 */
const GROUP = 64;

/**
 * What says nothing about the statement, only that it cannot be run here and now: no room, an I/O error, a file that
 * became read-only, another process that holds the lock. https://www.sqlite.org/rescode.html
 */
const NOT_NOW = /^SQLITE_(FULL|IOERR|READONLY|BUSY|LOCKED|CANTOPEN|NOMEM|PROTOCOL)/;

/**
 * A batch with more characters of parameters (thousands of resources) is written a statement at a time, and others are
 * answered in between: it takes over 50 ms. Reads then have a connection of their own, which sees what is committed;
 * writes wait for their turn, as ever.
 */
const LARGE = 250_000;

type Outcome = { rows: RawRow[][] } | { error: unknown };

/**
 * SQLite in this process, durable: a batch that resolved survives a power cut.
 *
 * Group commit: batches queued in one turn of the event loop share transactions and their fsyncs. When one fails, the rest are written all the same;
 * no promise settles before the commit.
 */
export function sqliteDriver(path: string): Driver {
  const db = new Database(path, { timeout: 5000 });
  // Says something of a new file only, and must come first there: what is deleted can then be given back.
  db.pragma('auto_vacuum = INCREMENTAL');
  db.pragma('journal_mode = WAL');
  // After a checkpoint the log is cut back to this, whatever it had grown to.
  db.pragma('journal_size_limit = 67108864');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  // Savepoints' copies of pages are not worth a file.
  db.pragma('temp_store = MEMORY');
  // 32 MB of log: a page that many commits touch is written back once.
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

  /** Past the transaction that is open on the other one. */
  function beside(): typeof run {
    if (reader === undefined) {
      const second = new Database(path, { readonly: true, timeout: 5000 });
      reader = { db: second, run: runner(second) };
    }
    return reader.run;
  }

  const together = (jobs: readonly Job[]): Outcome[] =>
    jobs.map(({ statements }) => ({ rows: statements.map(({ sql, params }) => run(sql, params)) }));

  /** A savepoint each, so that what fails takes nobody with it. */
  const apart = (jobs: readonly Job[]): Outcome[] =>
    jobs.map((job) => {
      savepoint.run();
      try {
        const [outcome] = together([job]);
        release.run();
        return outcome!;
      } catch (error) {
        // SQLite drops the whole transaction by itself on a full disk or an I/O error: then nobody's work was kept.
        if (!db.inTransaction) throw error;
        undo.run();
        release.run();
        return { error };
      }
    });

  /** In the log, with no fsync until the next durable commit, it survives this process. https://www.sqlite.org/pragma.html#pragma_synchronous */
  function sync(jobs: readonly Pick<Job, 'durable'>[]): void {
    const needed = jobs.some(({ durable }) => durable) ? 'FULL' : 'NORMAL';
    if (needed === level) return;
    // Not prepared once: SQLite sets it when the statement is compiled.
    db.pragma(`synchronous = ${needed}`);
    level = needed;
  }

  /** Settles nothing: answers what became of each job once all that succeeded is on disk. */
  function transaction(jobs: readonly Job[], way: typeof together): Outcome[] {
    try {
      // A rollback that failed too: it is due before anything else.
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
      // A savepoint copies each page its job touches, a third of the whole cost; and nearly every job succeeds.
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

  /** One large job. Nothing else is written until it is settled. */
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
      // One that fails too is due before the next transaction.
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
    // Its caller says what happens then.
  }
}

function judged(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError) || !NOT_NOW.test(error.code)) return error;
  return new Unavailable(`SQLite cannot run it now: ${error.message}`, { cause: error });
}
