import { type Driver, type RawRow, type Statement, TooLarge, Unavailable } from './driver.ts';
import { sha256InSql } from './sha256-sql.ts';

/** The part of a D1 binding that this driver uses. https://developers.cloudflare.com/d1/worker-api/d1-database/ */
export interface D1Database {
  prepare(sql: string): D1Statement;
  batch(statements: D1Statement[]): Promise<{ results: Record<string, RawRow[number]>[] }[]>;
}

interface D1Statement {
  bind(...values: RawRow): D1Statement;
  raw(): Promise<RawRow[]>;
}

/**
 * The maximum size of a row, and therefore of a value, in bytes. https://developers.cloudflare.com/d1/platform/limits/
 */
const ROW_BYTES = 2_000_000;

/**
 * The messages of D1 for errors that the statement did not cause. D1 was unreachable, overloaded, moved or restarted.
 * https://developers.cloudflare.com/d1/observability/debug-d1/#error-list
 */
const NOT_NOW =
  /Network connection lost|D1 DB is overloaded|storage (operation|caused)|reset because|Cannot resolve D1|internal error|exceeded its (CPU|memory) (time )?limit|currently processing a long-running|SQLITE_(FULL|BUSY|IOERR)|disk is full|maximum DB size/i;

/**
 * Creates the driver for Cloudflare D1, which is SQLite over the network with one statement or one atomic batch per
 * call.
 *
 * D1 returns the rows of a batch as objects, so a statement in a batch must not select two columns of the same name.
 */
export function d1Driver(db: D1Database): Driver {
  function bound({ sql, params }: Statement): D1Statement {
    for (const value of params) refuseTooLong(value);
    return params.length > 0 ? db.prepare(sql).bind(...params) : db.prepare(sql);
  }

  return {
    all: (sql, params) => judged(() => bound({ sql, params }).raw()),
    batch: async (statements) => {
      const answers = await judged(() => db.batch(statements.map(bound)));
      return answers.map(({ results }) => results.map((row) => Object.values(row)));
    },
    sha256: sha256InSql,
    damagePragma: 'quick_check',
    close: async () => {},
  };
}

async function judged<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && NOT_NOW.test(error.message))
      throw new Unavailable('D1 does not answer', { cause: error });
    throw error;
  }
}

function refuseTooLong(value: RawRow[number]): void {
  // One character needs at most three bytes.
  if (typeof value !== 'string' || value.length * 3 <= ROW_BYTES) return;
  const { length } = new TextEncoder().encode(value);
  if (length > ROW_BYTES)
    throw new TooLarge(`the resource needs ${length} bytes in one row, and a row can store ${ROW_BYTES}`);
}
