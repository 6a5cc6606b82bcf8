import { sql } from 'drizzle-orm';
import { type Driver, Unavailable } from './driver.ts';
import { $, type Kit, prepare } from './query.ts';

export interface Watched {
  driver: Driver;
  /** Whether the last write failed because the database currently accepts no writes. */
  isFailing(): boolean;
}

/**
 * Wraps a driver to observe the results of writes. A database on a full disk, or one that is read-only after a
 * failover, still answers reads, so only writes show the failure.
 */
export function watchWrites(driver: Driver): Watched {
  let failing = false;
  const watched =
    (write: Driver['batch']): Driver['batch'] =>
    async (statements) => {
      try {
        const rows = await write(statements);
        failing = false;
        return rows;
      } catch (error) {
        if (error instanceof Unavailable) failing = true;
        throw error;
      }
    };
  const { batch, note } = driver;
  return {
    driver: { ...driver, batch: watched(batch), ...(note && { note: watched(note) }) },
    isFailing: () => failing,
  };
}

/** The size of the probe row, in bytes. It is more than the free space in the pages of a table. */
const PROBE_BYTES = 64 * 1024;

/**
 * Returns a function that checks whether the database accepts writes. It writes a row of the size that a large write
 * has, and deletes it. If a crash prevents the delete, the row expires with the idempotency keys.
 */
export function probe({ db, t, driver }: Kit): () => Promise<void> {
  const { owner, key } = t.idempotency;
  const row = { owner: '', key: 'probe', requestHash: '', status: 0, headers: '{}' };
  const write = prepare(
    db
      .insert(t.idempotency)
      .values({ ...row, body: $('body'), createdAt: $('now') })
      .onConflictDoUpdate({
        target: [owner, key],
        set: { body: sql`excluded.body`, createdAt: sql`excluded.created_at` },
      }),
  );
  const forget = prepare(db.delete(t.idempotency).where(sql`${owner} = '' and ${key} = 'probe'`));
  return async () => {
    // The value is random, because PostgreSQL compresses long values.
    const random = crypto.getRandomValues(new Uint8Array(PROBE_BYTES / 2)).toHex();
    await driver.batch([write.with({ body: random, now: Date.now() })]);
    await driver.batch([forget.with({})]);
  };
}
