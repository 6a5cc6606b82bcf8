import { and, eq, inArray, notInArray, or, sql } from 'drizzle-orm';
import type { AutomaticName } from '../../model/automatic-certificates.ts';
import type { Statement } from './driver.ts';
import { parts } from './parts.ts';
import { $, $int, $text, type Kit, prepare } from './query.ts';
import { KEEP_UNWANTED, newName } from './wanted-names.ts';

/**
 * The name of the row that makes the job find out which hosts that other tenants attach to gateways of a tenant get
 * automatic certificates. No host has this name.
 */
export const ATTACHED_NAMES = '';

/** When that row is due although nothing has changed: never. */
const NEVER = 8.64e15;

/**
 * Makes the statements about names that other tenants attach to shared gateways. Two batches decide about them, one of
 * the owner of a gateway and one of the other tenant, and neither waits for the other: each makes the row
 * {@link ATTACHED_NAMES} of the owner due, with a new version. The job then reads both, and writes the names in a batch
 * that needs the version from which it has computed them.
 */
export function attachedNames({ db, t, x }: Kit) {
  const a = t.automaticName;
  const listed = (name: string) => sql`(select ${sql.raw('item')} from ${x.items($(name))})`;
  const moved = { dueAt: sql`${$int('at')}`, wanted: 1, version: sql`${a.version} + 1` };
  const target = [a.tenant, a.name];
  const open = prepare(
    db
      .insert(a)
      .select(
        newName({
          ...{ tenant: $text('tenant'), name: $text('name'), certificate: sql`''`, challenge: sql`'any'` },
          ...{ attached: 1, at: $int('at') },
        }),
      )
      .onConflictDoUpdate({ target, set: moved }),
  );
  const touch = prepare(
    db
      .update(a)
      .set(moved)
      .where(and(inArray(a.tenant, listed('owners')), eq(a.name, $('name')))),
  );
  const drop = prepare(
    db
      .update(a)
      .set({ wanted: 0, queue: '', dueAt: sql`${$int('until')}`, version: sql`${a.version} + 1` })
      .where(
        and(
          eq(a.tenant, $('tenant')),
          and(eq(a.wanted, 1), eq(a.attached, 1)),
          sql`${a.name} <> ${$('row')}`,
          notInArray(a.name, listed('names')),
        ),
      ),
  );
  const records = x.records($('records'), ['name', 'certificate', 'challenge']);
  const text = (column: string) => sql.raw(`records."${column}"`);
  const isSame = sql`${a.challenge} = excluded.challenge`;
  const want = prepare(
    db
      .insert(a)
      .select(
        newName({
          ...{ tenant: $text('tenant'), name: text('name'), certificate: text('certificate') },
          ...{ challenge: text('challenge'), attached: 1, at: $int('at'), from: records },
        }),
      )
      .onConflictDoUpdate({
        target,
        set: {
          certificate: sql`excluded.certificate`,
          challenge: sql`excluded.challenge`,
          attached: 1,
          wanted: 1,
          // Agents may have forgotten the certificate of a name that comes back.
          step: sql`case when ${a.wanted} = 0 and ${a.chain} is not null then 'returning' when ${isSame} then ${a.step} else 'idle' end`,
          dueAt: sql`case when ${a.wanted} = 1 and ${isSame} then ${a.dueAt} else excluded.due_at end`,
          queue: sql`case when ${isSame} then ${a.queue} else '' end`,
          version: sql`${a.version} + 1`,
        },
        // Names of the tenant's own servers stay, and so do those that have not changed.
        setWhere: or(
          eq(a.wanted, 0),
          and(
            eq(a.attached, 1),
            sql`(${a.certificate} <> excluded.certificate or ${a.challenge} <> excluded.challenge)`,
          ),
        )!,
      }),
  );
  return {
    /** For the owner of shared gateways, whose attached hosts get automatic certificates or did so before. */
    ofOwner: (tenant: string, at: number): Statement => open.with({ tenant, name: ATTACHED_NAMES, at }),
    /** For a tenant that attaches or releases hosts of these owners. Owners without such certificates have no row. */
    ofAttached: (owners: readonly string[], at: number): Statement =>
      touch.with({ owners: JSON.stringify(owners), name: ATTACHED_NAMES, at }),
    /** Brings the names up to date. */
    write: (tenant: string, names: readonly AutomaticName[], at: number): Statement[] => [
      drop.with({
        ...{ tenant, row: ATTACHED_NAMES, until: at + KEEP_UNWANTED },
        names: JSON.stringify(names.map(({ name }) => name)),
      }),
      ...parts(names.map(({ name, certificate, challenge }) => ({ name, certificate, challenge }))).map((part) =>
        want.with({ tenant, records: part, at }),
      ),
    ],
    /** What the row becomes when the names are up to date. */
    upToDate: { dueAt: NEVER },
  };
}
