import { asc, type SQL, sql } from 'drizzle-orm';
import { PlatformRole, TenantRole } from '../members/schema.ts';
import { all, prepare } from '../store/query.ts';
import { type Check, ROWS_A_PAGE } from './check.ts';
import { error } from './finding.ts';

const isNone = (column: unknown, roles: readonly string[]): SQL =>
  sql`${column} not in (${sql.raw(roles.map((role) => `'${role}'`).join())})`;

/** Finds members and people of the platform whose role does not exist: they may do nothing. */
export const members: Check = {
  tables: ['member', 'person'],
  async *run({ kit }) {
    const { member, person } = kit.t;
    const ofTenants = prepare(
      kit.db
        .select({ tenant: member.tenant, person: member.person, role: member.role })
        .from(member)
        .where(isNone(member.role, TenantRole.options))
        .orderBy(asc(member.tenant), asc(member.person))
        .limit(ROWS_A_PAGE),
    );
    const ofPlatform = prepare(
      kit.db
        .select({ id: person.id, role: person.role })
        .from(person)
        .where(isNone(person.role, PlatformRole.options))
        .orderBy(asc(person.id))
        .limit(ROWS_A_PAGE),
    );
    for (const { tenant, person: id, role } of await all(kit, ofTenants, {}))
      yield error(`tenants/${tenant}/members/${id}`, `its role ${role} does not exist`, 'give the member a role');
    for (const { id, role } of await all(kit, ofPlatform, {}))
      yield error(`people/${id}`, `its role ${role} does not exist`, 'give the person a role');
  },
};
