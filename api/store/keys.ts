import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { Commit } from './commit.ts';
import type { Statement } from './driver.ts';
import { parts } from './parts.ts';
import { $, $text, all, type Kit, prepare } from './query.ts';

export interface SealedKey {
  /**
   * The SHA-256 of the public key (SPKI), in hex. It equals `info.publicKeySha256` of every certificate that uses the
   * key.
   */
  id: string;
  /** The id of the sealing key that decrypts this key. */
  keyId: string;
  /** The base64 of iv ‖ ciphertext ‖ tag. */
  sealed: string;
}

/** The sealed private keys of tenants' certificates. */
export interface Keys {
  find(tenant: string, ids: string[]): Promise<SealedKey[]>;
  /**
   * Reads some of the keys of all tenants, so that the caller can check whether the configured sealing keys decrypt
   * them.
   */
  sample(limit: number): Promise<(SealedKey & { tenant: string })[]>;
}

/** Makes the statements that store the sealed private keys of a commit. A stored key with the same id is replaced. */
export function sealing({ db, t, x }: Kit): (commit: Commit) => Statement[] {
  const records = x.records($('records'), ['id', 'key_id', 'sealed']);
  const seal = prepare(
    db
      .insert(t.sealedKey)
      // `where true`: without it, SQLite reads `on` as part of a join.
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

function statements({ db, t, x }: Kit) {
  return {
    sample: prepare(db.select().from(t.sealedKey).limit($('limit'))),
    find: prepare(
      db
        .select({ id: t.sealedKey.id, keyId: t.sealedKey.keyId, sealed: t.sealedKey.sealed })
        .from(t.sealedKey)
        .where(
          and(
            eq(t.sealedKey.tenant, $('tenant')),
            inArray(t.sealedKey.id, sql`(select ${sql.raw('item')} from ${x.items($('ids'))})`),
          ),
        )
        .orderBy(asc(t.sealedKey.id)),
    ),
  };
}

export function keys(kit: Kit): Keys {
  const q = statements(kit);
  return {
    sample: (limit) => all(kit, q.sample, { limit }),
    find: (tenant, ids) => all(kit, q.find, { tenant, ids: JSON.stringify(ids) }),
  };
}
