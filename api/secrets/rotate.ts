import { and, eq, ne, sql } from 'drizzle-orm';
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core';
import { $, $text, all, type Kit, prepare } from '../store/query.ts';
import type { Sealer } from './seal.ts';
import { type SealedColumn, sealedColumns } from './sealed-columns.ts';

/** The number of rows that one query reads. A row may be as large as the response to a request. */
const PAGE = 100;
/** The number of rows that are sealed at once. SQLite commits them together. */
const AT_ONCE = 20;

/** The number of envelopes in one column, by the id of the key that sealed them. */
export interface Sealed {
  what: string;
  counts: Record<string, number>;
}

/** An envelope that did not open. */
interface Unopened {
  what: string;
  /** The primary key of the row. */
  at: string;
  keyId: string;
}

/** The result of a rotation. */
export interface Rotated {
  /** The number of envelopes that were sealed again. */
  resealed: number;
  unopened: Unopened[];
}

/** Makes the statements for one column. */
function statements({ db, t }: Kit, { table: name, key, sealed, keyId }: SealedColumn) {
  const table = t[name];
  // The declaration names columns of its table.
  const columns = table as unknown as Record<string, SQLiteColumn>;
  const keys = key.map((column) => columns[column]!);
  const text = columns[sealed]!;
  const prefix = sql`${$text('sealingKey')} || ':'`;
  const isOfKey =
    keyId === undefined ? sql`substr(${text}, 1, length(${prefix})) = ${prefix}` : eq(columns[keyId]!, $('sealingKey'));
  const after = sql`(${sql.join(keys, sql`, `)}) > (${sql.join(
    key.map((column) => $text(column)),
    sql`, `,
  )})`;
  const count = { count: sql<number>`count(*)` };
  return {
    total: prepare(db.select(count).from(table).where(ne(text, ''))),
    count: prepare(
      db
        .select(count)
        .from(table)
        .where(and(ne(text, ''), isOfKey)),
    ),
    page: prepare(
      db
        .select({
          ...Object.fromEntries(key.map((column) => [column, columns[column]!])),
          ...(keyId !== undefined && { keyId: columns[keyId]! }),
          sealed: text,
        })
        .from(table)
        .where(and(ne(text, ''), sql`not (${isOfKey})`, after))
        .orderBy(...keys)
        .limit($('limit')),
    ),
    replace: prepare(
      db
        .update(table)
        // Drizzle knows the columns of a declared table only by its type.
        .set({
          [sealed]: sql`${$('sealed')}`,
          ...(keyId !== undefined && { [keyId]: sql`${$('sealingKey')}` }),
        } as never)
        .where(and(...key.map((column, index) => eq(keys[index]!, $(column))), eq(text, $('before'))))
        .returning({ one: sql<number>`1` }),
    ),
  };
}

/** Counts the envelopes by the id of the key that sealed them. Those of ids that are not given count as `other`. */
export async function countSealed(kit: Kit, ids: readonly string[]): Promise<Sealed[]> {
  const counted: Sealed[] = [];
  for (const column of sealedColumns) {
    const q = statements(kit, column);
    const number = async (query: typeof q.count, values = {}) => Number((await all(kit, query, values))[0]!.count);
    const counts: Record<string, number> = {};
    let other = await number(q.total);
    for (const id of ids) {
      const count = await number(q.count, { sealingKey: id });
      if (count > 0) counts[id] = count;
      other -= count;
    }
    counted.push({ what: column.what, counts: { ...counts, ...(other > 0 && { other }) } });
  }
  return counted;
}

/**
 * Seals every envelope again that another key than the first one of the sealer sealed. The API may run meanwhile: an
 * envelope that the API replaces meanwhile is left alone. Rows show which key sealed them, so after a crash another run
 * does the rest.
 *
 * @param seen called after each page with the number of envelopes that were sealed again
 */
export async function rotate(kit: Kit, sealer: Sealer, seen: (resealed: number) => void): Promise<Rotated> {
  const unopened: Unopened[] = [];
  let resealed = 0;
  for (const column of sealedColumns) {
    const { page, replace } = statements(kit, column);
    const sealingKey = sealer.ids[0]!;

    /** Returns the statement that replaces the envelope of a row; undefined when the envelope does not open. */
    const again = async (row: Record<string, string>) => {
      const at = Object.fromEntries(column.key.map((name) => [name, row[name]!]));
      const context = column.context(...Object.values(at));
      const before = row.sealed!;
      const keyId = row.keyId ?? before.slice(0, before.indexOf(':'));
      const envelope = { keyId, sealed: row.keyId === undefined ? before.slice(keyId.length + 1) : before };
      try {
        const { sealed } = await sealer.seal(await sealer.open(envelope, context), context);
        return replace.with({
          ...at,
          sealingKey,
          before,
          sealed: row.keyId === undefined ? `${sealingKey}:${sealed}` : sealed,
        });
      } catch {
        unopened.push({ what: column.what, at: Object.values(at).join('/'), keyId });
        return undefined;
      }
    };

    for (let after = Object.fromEntries(column.key.map((name) => [name, ''])); ; ) {
      const rows = (await all(kit, page, { ...after, sealingKey, limit: PAGE })) as Record<string, string>[];
      for (let at = 0; at < rows.length; at += AT_ONCE) {
        const changes = await Promise.all(rows.slice(at, at + AT_ONCE).map(again));
        const batches = changes.filter((change) => change !== undefined).map((change) => [change]);
        // Each has a batch of its own. In one batch, their row locks could make the batch and a writer wait for each
        // other.
        const replaced = await Promise.all(batches.map((batch) => kit.driver.batch(batch)));
        resealed += replaced.filter(([rows]) => rows!.length > 0).length;
      }
      seen(resealed);
      if (rows.length < PAGE) break;
      after = rows.at(-1)!;
    }
  }
  return { resealed, unopened };
}
