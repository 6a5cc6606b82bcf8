import { and, eq, notInArray, type SQL, sql } from 'drizzle-orm';
import type { AutomaticName } from '../../model/automatic-certificates.ts';
import type { Statement } from './driver.ts';
import { parts } from './parts.ts';
import { $, $int, $text, type Kit, prepare } from './query.ts';

/** How long the certificate of a name is kept that the configuration has dropped, in milliseconds. */
export const KEEP_UNWANTED = 7 * 24 * 60 * 60 * 1000;

/** Makes the select of an insert of new names, with all columns in the order of the table. */
export function newName({
  tenant,
  name,
  certificate,
  challenge,
  attached,
  at,
  from,
}: {
  tenant: SQL;
  name: SQL;
  certificate: SQL;
  challenge: SQL;
  attached: 0 | 1;
  at: SQL;
  from?: SQL;
}): SQL {
  // PostgreSQL takes a bare null for a text.
  const texts = (count: number) => Array.from({ length: count }, () => sql`cast(null as text)`);
  const numbers = (count: number) => Array.from({ length: count }, () => sql`cast(null as bigint)`);
  const unset = sql.join([...texts(1), ...numbers(1), ...texts(8), ...numbers(4)], sql`, `);
  const values = sql`select ${tenant}, ${name}, ${certificate}, ${challenge}, ${sql.raw(String(attached))}, 1, 'idle', '', 0, ${at}, '', 0, ${unset}`;
  // SQLite needs a condition before `on conflict`.
  return from ? sql`${values} from ${from} where true` : sql`${values} where true`;
}

/**
 * Makes the statements that bring the names of a tenant up to date with its configuration. They belong to the batch of
 * the commit that changes the names.
 */
export function wanting(
  kit: Kit,
): (commit: { tenant: string; automatic?: readonly AutomaticName[]; createdAt: number }) => Statement[] {
  const { db, t, x } = kit;
  const a = t.automaticName;
  const listed = sql`(select ${sql.raw('item')} from ${x.items($('names'))})`;
  const drop = prepare(
    db
      .update(a)
      .set({ wanted: 0, queue: '', dueAt: sql`${$int('until')}`, version: sql`${a.version} + 1` })
      .where(and(eq(a.tenant, $('tenant')), eq(a.wanted, 1), eq(a.attached, 0), notInArray(a.name, listed))),
  );
  const text = (column: string) => sql.raw(`records."${column}"`);
  const isSame = sql`${a.challenge} = excluded.challenge`;
  const want = prepare(
    db
      .insert(a)
      .select(
        newName({
          ...{ tenant: $text('tenant'), name: text('name'), certificate: text('certificate') },
          ...{ challenge: text('challenge'), attached: 0, at: $int('at') },
          from: sql`${x.records($('records'), ['name', 'certificate', 'challenge'])}`,
        }),
      )
      .onConflictDoUpdate({
        target: [a.tenant, a.name],
        set: {
          certificate: sql`excluded.certificate`,
          challenge: sql`excluded.challenge`,
          attached: 0,
          wanted: 1,
          step: sql`case when ${isSame} then ${a.step} else 'idle' end`,
          dueAt: sql`case when ${a.wanted} = 1 and ${isSame} then ${a.dueAt} else excluded.due_at end`,
          queue: sql`case when ${isSame} then ${a.queue} else '' end`,
          version: sql`${a.version} + 1`,
        },
      }),
  );
  return ({ tenant, automatic, createdAt }) => {
    if (!automatic) return [];
    const names = JSON.stringify(automatic.map(({ name }) => name));
    return [
      drop.with({ tenant, names, until: createdAt + KEEP_UNWANTED }),
      ...parts(automatic.map(({ name, certificate, challenge }) => ({ name, certificate, challenge }))).map((records) =>
        want.with({ tenant, records, at: createdAt }),
      ),
    ];
  };
}
