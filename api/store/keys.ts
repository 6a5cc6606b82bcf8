import { sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { parts } from './parts.ts';
import type { Commit } from './port.ts';
import { $, $text, type Kit, prepare } from './query.ts';

/** Keeps the sealed private keys that came with a commit; one that is there already is sealed anew. */
export function keys({ db, t, x }: Kit): (commit: Commit) => Statement[] {
  const records = x.records($('records'), ['id', 'key_id', 'sealed']);
  const seal = prepare(
    db
      .insert(t.sealedKey)
      // `where true`: or SQLite takes `on` for a join's.
      .select(sql`select ${$text('tenant')}, records.id, records.key_id, records.sealed from ${records} where true`)
      .onConflictDoUpdate({
        target: [t.sealedKey.tenant, t.sealedKey.id],
        set: { keyId: sql`excluded.key_id`, sealed: sql`excluded.sealed` },
      }),
  );
  return ({ tenant, keys }) =>
    parts(keys.map(({ id, keyId, sealed }) => ({ id, key_id: keyId, sealed }))).map((records) =>
      seal.with({ tenant, records }),
    );
}
