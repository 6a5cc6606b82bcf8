import Database from 'better-sqlite3';
import type { Driver, RawRow, Statement, Value } from './driver.ts';

interface Job {
  statements: Statement[];
  resolve: (rows: RawRow[][]) => void;
  reject: (error: unknown) => void;
}

/**
 * SQLite in this process, durable: a batch that resolved survives a power cut.
 *
 * Group commit: batches queued in one turn of the event loop share a transaction, a savepoint each, and one fsync. A batch that
 * fails rolls back its own savepoint alone; no promise settles before the commit.
 */
export function sqliteDriver(path: string): Driver {
  const db = new Database(path, { timeout: 5000 });
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  // 32 MB of log: a page that many commits touch is written back once.
  db.pragma('wal_autocheckpoint = 8000');

  const cache = new Map<string, Database.Statement<Value[], RawRow>>();
  const begin = db.prepare('BEGIN IMMEDIATE');
  const commit = db.prepare('COMMIT');
  const rollback = db.prepare('ROLLBACK');
  const savepoint = db.prepare('SAVEPOINT job');
  const release = db.prepare('RELEASE job');
  const undo = db.prepare('ROLLBACK TO job');
  let queue: Job[] = [];

  function run(sql: string, params: Value[]): RawRow[] {
    let statement = cache.get(sql);
    if (statement === undefined) {
      statement = db.prepare<Value[], RawRow>(sql);
      if (statement.reader) statement.raw();
      cache.set(sql, statement);
    }
    if (statement.reader) return statement.all(...params);
    statement.run(...params);
    return [];
  }

  /** Settles nothing: answers what to do once the transaction has committed. */
  function attempt(job: Job): () => void {
    savepoint.run();
    try {
      const rows = job.statements.map(({ sql, params }) => run(sql, params));
      release.run();
      return () => job.resolve(rows);
    } catch (error) {
      // SQLite drops the whole transaction by itself on a full disk or an I/O error: then nobody's work was kept.
      if (!db.inTransaction) throw error;
      undo.run();
      release.run();
      return () => job.reject(error);
    }
  }

  function flush(): void {
    const jobs = queue;
    queue = [];
    if (jobs.length === 0) return;
    let settle: (() => void)[];
    try {
      begin.run();
      settle = jobs.map(attempt);
      commit.run();
    } catch (error) {
      if (db.inTransaction) rollback.run();
      for (const job of jobs) job.reject(error);
      return;
    }
    for (const done of settle) done();
  }

  return {
    all: async (sql, params) => run(sql, params),
    batch: (statements) =>
      new Promise((resolve, reject) => {
        if (queue.push({ statements, resolve, reject }) === 1) setImmediate(flush);
      }),
    close: async () => {
      flush();
      db.close();
    },
  };
}
