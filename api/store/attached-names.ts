import { and, eq, inArray, or, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { ATTACHED_NAMES, keepNames, newName } from './kept-names.ts';
import { $, $int, $text, type Kit, prepare } from './query.ts';

/** When that row is due although nothing has changed: never. */
const NEVER = 8.64e15;

/**
 * Makes the statements about names that other tenants attach to shared gateways. Two batches decide about them, one of
 * the owner of a gateway and one of the other tenant, and neither waits for the other: each makes the row
 * {@link ATTACHED_NAMES} of the owner due, with a new version. The job then reads both, and writes the names in a batch
 * that needs the version from which it has computed them.
 */
export function attachedNames(kit: Kit) {
  const { db, t, x } = kit;
  const a = t.automaticName;
  const owners = sql`(select ${sql.raw('item')} from ${x.items($('owners'))})`;
  const moved = { dueAt: sql`${$int('at')}`, wanted: 1, version: sql`${a.version} + 1` };
  const open = prepare(
    db
      .insert(a)
      .select(
        newName({
          ...{ tenant: $text('tenant'), name: $text('name'), certificate: sql`''`, challenge: sql`'any'` },
          ...{ attached: 1, at: $int('at') },
        }),
      )
      .onConflictDoUpdate({ target: [a.tenant, a.name], set: moved }),
  );
  const touch = prepare(
    db
      .update(a)
      .set(moved)
      .where(and(inArray(a.tenant, owners), eq(a.name, $('name')))),
  );
  const isChanged = sql`(${a.certificate} <> excluded.certificate or ${a.challenge} <> excluded.challenge)`;
  const keep = keepNames(kit, {
    attached: 1,
    // Agents may have forgotten the certificate of a name that comes back.
    step: (kept) => sql`case when ${a.wanted} = 0 and ${a.chain} is not null then 'returning' else ${kept} end`,
    // Names of the tenant's own servers stay, and so do those that have not changed.
    where: or(eq(a.wanted, 0), and(eq(a.attached, 1), isChanged))!,
  });
  return {
    /** For the owner of shared gateways, whose attached hosts get automatic certificates or did so before. */
    ofOwner: (tenant: string, at: number): Statement => open.with({ tenant, name: ATTACHED_NAMES, at }),
    /** For a tenant that attaches or releases hosts of these owners. Owners without such certificates have no row. */
    ofAttached: (owners: readonly string[], at: number): Statement =>
      touch.with({ owners: JSON.stringify(owners), name: ATTACHED_NAMES, at }),
    /** Brings the names up to date. */
    write: keep,
    /** What the row becomes when the names are up to date. */
    upToDate: { dueAt: NEVER },
  };
}
