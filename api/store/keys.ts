import { and, asc, eq, inArray, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { parts } from './parts.ts';
import { $, $text, all, type Kit, locks, prepare } from './query.ts';

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
  /** Reads some of the keys that the sealing key of this id sealed. */
  sampleOf(keyId: string, limit: number): Promise<(SealedKey & { tenant: string })[]>;
  /** Reads the check of every sealing key with which an API was ever started, sorted by id. */
  checks(): Promise<SealingCheck[]>;
  /**
   * Stores the checks of new sealing keys of a process. The first process decides: no check is replaced, and once there
   * are checks, only a process that has one of these keys adds others.
   *
   * @param ids the ids of all sealing keys of the process
   */
  addChecks(ids: readonly string[], checks: readonly SealingCheck[]): Promise<void>;
}

/** A constant that a sealing key sealed: it opens only with the key of that id. */
export type SealingCheck = Omit<SealedKey, 'id'>;

/** The lock on the checks of the sealing keys. */
const CHECKS_LOCK = 'sealing';

/** Makes the statements that store the sealed private keys of a commit. A stored key with the same id is replaced. */
export function sealing({ db, t, x }: Kit): (commit: { tenant: string; keys: readonly SealedKey[] }) => Statement[] {
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
  const records = x.records($('records'), ['key_id', 'sealed']);
  const isNew = sql`not exists (select 1 from ${t.sealingCheck})`;
  const isKnown = sql`exists (select 1 from ${t.sealingCheck} where ${t.sealingCheck.keyId} in (select ${sql.raw('item')} from ${x.items($('ids'))}))`;
  return {
    checks: prepare(db.select().from(t.sealingCheck).orderBy(asc(t.sealingCheck.keyId))),
    addChecks: prepare(
      db
        .insert(t.sealingCheck)
        .select(sql`select records.key_id, records.sealed from ${records} where ${isNew} or ${isKnown}`)
        .onConflictDoNothing(),
    ),
    sampleOf: prepare(
      db
        .select()
        .from(t.sealedKey)
        .where(eq(t.sealedKey.keyId, $('keyId')))
        .limit($('limit')),
    ),
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
  const lock = locks(kit);
  return {
    sample: (limit) => all(kit, q.sample, { limit }),
    sampleOf: (keyId, limit) => all(kit, q.sampleOf, { keyId, limit }),
    checks: () => all(kit, q.checks, {}),
    async addChecks(ids, checks) {
      const records = JSON.stringify(checks.map(({ keyId, sealed }) => ({ key_id: keyId, sealed })));
      const add = q.addChecks.with({ records, ids: JSON.stringify(ids) });
      await kit.driver.batch([...lock({ alone: [CHECKS_LOCK] }), add]);
    },
    find: (tenant, ids) => all(kit, q.find, { tenant, ids: JSON.stringify(ids) }),
  };
}
