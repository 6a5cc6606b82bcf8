import { sql } from 'drizzle-orm';
import { type Driver, Unavailable } from './driver.ts';
import { $, type Kit, prepare } from './query.ts';

export interface Watched {
  driver: Driver;
  /** Whether the last write was refused because the database takes none now. */
  isFailing(): boolean;
}

/**
 * Watches what becomes of writes: a database on a full disk, or one that is read-only after a failover, still answers
 * reads.
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

/** More than what is left free in the pages that a table has. */
const PROBE_BYTES = 64 * 1024;

/**
 * Writes a row as long as a large write's, and deletes it again. What a crash leaves of it expires with the idempotency
 * keys.
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
    // Random, for PostgreSQL compresses what is long.
    const random = crypto.getRandomValues(new Uint8Array(PROBE_BYTES / 2)).toHex();
    await driver.batch([write.with({ body: random, now: Date.now() })]);
    await driver.batch([forget.with({})]);
  };
}
