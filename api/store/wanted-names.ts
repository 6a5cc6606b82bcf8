import { and, eq, notInArray, sql } from 'drizzle-orm';
import type { AutomaticName } from '../../model/automatic-certificates.ts';
import type { Statement } from './driver.ts';
import { parts } from './parts.ts';
import { $, $int, $text, type Kit, prepare } from './query.ts';

/** How long the certificate of a name is kept that the configuration has dropped, in milliseconds. */
const KEEP_UNWANTED = 7 * 24 * 60 * 60 * 1000;

/**
 * Makes the statements that bring the names of a tenant up to date with its configuration. They belong to the batch of
 * the commit that changes the names.
 */
export function wanting({
  db,
  t,
  x,
}: Kit): (commit: { tenant: string; automatic?: readonly AutomaticName[]; createdAt: number }) => Statement[] {
  const a = t.automaticName;
  const listed = sql`(select ${sql.raw('item')} from ${x.items($('names'))})`;
  const drop = prepare(
    db
      .update(a)
      .set({ wanted: 0, dueAt: sql`${$int('until')}`, version: sql`${a.version} + 1` })
      .where(and(eq(a.tenant, $('tenant')), eq(a.wanted, 1), notInArray(a.name, listed))),
  );
  const records = x.records($('records'), ['name', 'certificate', 'challenge']);
  const text = (column: string) => sql.raw(`records."${column}"`);
  const isSame = sql`${a.challenge} = excluded.challenge`;
  // PostgreSQL takes a bare null for a text.
  const [noText, noNumber] = [sql`cast(null as text)`, sql`cast(null as bigint)`];
  const texts = (count: number) => Array.from({ length: count }, () => noText);
  const unset = sql.join([noText, noNumber, ...texts(7), ...Array.from({ length: 4 }, () => noNumber)], sql`, `);
  const want = prepare(
    db
      .insert(a)
      .select(
        sql`select ${$text('tenant')}, ${text('name')}, ${text('certificate')}, ${text('challenge')}, 1, 'idle', '', 0, ${$int('at')}, 0, ${unset} from ${records} where true`,
      )
      .onConflictDoUpdate({
        target: [a.tenant, a.name],
        set: {
          certificate: sql`excluded.certificate`,
          challenge: sql`excluded.challenge`,
          wanted: 1,
          step: sql`case when ${isSame} then ${a.step} else 'idle' end`,
          dueAt: sql`case when ${a.wanted} = 1 and ${isSame} then ${a.dueAt} else excluded.due_at end`,
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
