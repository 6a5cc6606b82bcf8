import { and, eq, gt, lte } from 'drizzle-orm';
import type { IdempotentResponse, Store } from './port.ts';
import { $, first, type Kit, parameters, prepare } from './query.ts';

type Idempotency = Pick<Store, 'rememberIdempotent' | 'idempotent'>;

const KEPT_MS = 24 * 60 * 60 * 1000;

function statements({ db, t }: Kit) {
  const { requestHash, status, headers, body, owner, key, createdAt } = t.idempotency;
  return {
    expire: prepare(db.delete(t.idempotency).where(lte(createdAt, $('expired')))),
    keep: prepare(
      db
        .insert(t.idempotency)
        .values(parameters('owner', 'key', 'requestHash', 'status', 'headers', 'body', 'createdAt'))
        .onConflictDoNothing(),
    ),
    get: prepare(
      db
        .select({ requestHash, status, headers, body })
        .from(t.idempotency)
        .where(and(eq(owner, $('owner')), eq(key, $('key')), gt(createdAt, $('expired')))),
    ),
  };
}

const read = (row: Omit<IdempotentResponse, 'headers'> & { headers: string }): IdempotentResponse => ({
  ...row,
  headers: JSON.parse(row.headers),
});

export function idempotency(kit: Kit): Idempotency {
  const q = statements(kit);
  return {
    async rememberIdempotent(owner, key, { requestHash, status, headers, body }, at) {
      const expired = at - KEPT_MS;
      const row = { owner, key, requestHash, status, headers: JSON.stringify(headers), body, createdAt: at };
      const get = q.get.with({ owner, key, expired });
      const results = await kit.driver.batch([q.expire.with({ expired }), q.keep.with(row), get]);
      return read(q.get.rows(results[2]!)[0]!);
    },

    async idempotent(owner, key, now) {
      const row = await first(kit, q.get, { owner, key, expired: now - KEPT_MS });
      return row && read(row);
    },
  };
}
