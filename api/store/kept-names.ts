import { and, eq, notInArray, type SQL, sql } from 'drizzle-orm';
import type { AutomaticName } from '../../model/automatic-certificates.ts';
import type { Statement } from './driver.ts';
import { parts } from './parts.ts';
import { $, $int, $text, type Kit, prepare } from './query.ts';

/** How long the certificate of a name is kept that is no longer wanted, in milliseconds. */
export const KEEP_UNWANTED = 7 * 24 * 60 * 60 * 1000;

/**
 * The name of the row that makes the job find out which hosts that other tenants attach to gateways of a tenant get
 * automatic certificates. No host has this name.
 */
export const ATTACHED_NAMES = '';

/** Which names are kept up to date, and what happens to a row that exists. */
interface Keeping {
  /** 0: names of the tenant's own servers; 1: names that other tenants attach to its gateways. */
  attached: 0 | 1;
  /** Makes the next step of a row from the one that it has without this function. */
  step?: (kept: SQL) => SQL;
  /** The rows that change. Default: all. */
  where?: SQL;
}

/**
 * Makes the function that makes the statements which bring names of a tenant up to date: names that are missing in the
 * list are no longer wanted, the others are.
 */
export function keepNames(
  { db, t, x }: Kit,
  { attached, step = (kept) => kept, where }: Keeping,
): (tenant: string, names: readonly AutomaticName[], at: number) => Statement[] {
  const a = t.automaticName;
  const listed = sql`(select ${sql.raw('item')} from ${x.items($('names'))})`;
  const isName = sql`${a.name} <> ${sql.raw(`'${ATTACHED_NAMES}'`)}`;
  const drop = prepare(
    db
      .update(a)
      .set({ wanted: 0, queue: '', dueAt: sql`${$int('until')}`, version: sql`${a.version} + 1` })
      .where(
        and(eq(a.tenant, $('tenant')), eq(a.wanted, 1), eq(a.attached, attached), isName, notInArray(a.name, listed)),
      ),
  );
  const text = (column: string) => sql.raw(`records."${column}"`);
  const isSame = sql`${a.challenge} = excluded.challenge`;
  const want = prepare(
    db
      .insert(a)
      .select(
        newName({
          ...{ tenant: $text('tenant'), name: text('name'), certificate: text('certificate') },
          ...{ challenge: text('challenge'), attached, at: $int('at') },
          from: x.records($('records'), ['name', 'certificate', 'challenge']),
        }),
      )
      .onConflictDoUpdate({
        target: [a.tenant, a.name],
        set: {
          certificate: sql`excluded.certificate`,
          challenge: sql`excluded.challenge`,
          attached,
          wanted: 1,
          step: step(sql`case when ${isSame} then ${a.step} else 'idle' end`),
          dueAt: sql`case when ${a.wanted} = 1 and ${isSame} then ${a.dueAt} else excluded.due_at end`,
          queue: sql`case when ${isSame} then ${a.queue} else '' end`,
          version: sql`${a.version} + 1`,
        },
        ...(where && { setWhere: where }),
      }),
  );
  return (tenant, names, at) => [
    drop.with({ tenant, names: JSON.stringify(names.map(({ name }) => name)), until: at + KEEP_UNWANTED }),
    ...parts(names.map(({ name, certificate, challenge }) => ({ name, certificate, challenge }))).map((records) =>
      want.with({ tenant, records, at }),
    ),
  ];
}

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
