import { and, asc, eq, gt, ne, sql } from 'drizzle-orm';
import type { PlatformRole, TenantRole } from '../members/schema.ts';
import { type Audit, audits } from './audit.ts';
import type { Statement } from './driver.ts';
import { $, all, first, guard, type Kit, locks, type Page, parameters, prepare } from './query.ts';
import { brokenGuard, violation } from './violation.ts';

interface Member {
  tenant: string;
  person: string;
  role: TenantRole;
  createdAt: number;
}

/** Why a batch that changes a member wrote nothing. */
type MemberRefusal =
  /** The person is not a member of the tenant. */
  | 'absent'
  /** The tenant would have no owner. */
  | 'last-owner';

/** The members of tenants. */
export interface Members {
  /** Returns the role of a person in each tenant, and in the platform. */
  grants(person: string): Promise<{ memberships: Map<string, TenantRole>; platform?: PlatformRole }>;
  find(tenant: string, person: string): Promise<Member | undefined>;
  /** Lists the members of a tenant, sorted by the id of the person. */
  list(tenant: string, page: Page): Promise<Member[]>;
  /**
   * Adds a member.
   *
   * @returns false when the person is a member already
   * @throws the error of the database when the tenant does not exist (`lacksReference`)
   */
  add(member: Member, audit: Audit): Promise<boolean>;
  /** Changes the role of a member. A tenant keeps an owner: the guard is in the batch. */
  change(tenant: string, person: string, role: TenantRole, audit: Audit): Promise<MemberRefusal | undefined>;
  /** Removes a member, with the same guard. */
  remove(tenant: string, person: string, audit: Audit): Promise<MemberRefusal | undefined>;
}

/** The lock on the members of a tenant. */
const membersLock = (tenant: string): string => `members/${tenant}`;

function statements(kit: Kit) {
  const { db, t } = kit;
  const { tenant, person, role, createdAt } = t.member;
  const ofTenant = eq(tenant, $('tenant'));
  const one = and(ofTenant, eq(person, $('person')));
  const otherOwner = and(ofTenant, eq(role, sql`'owner'`), ne(person, $('person')));
  const columns = { tenant, person, role, createdAt };
  return {
    memberships: prepare(
      db
        .select(columns)
        .from(t.member)
        .where(eq(person, $('person'))),
    ),
    find: prepare(db.select(columns).from(t.member).where(one)),
    list: prepare(
      db
        .select(columns)
        .from(t.member)
        .where(and(ofTenant, gt(person, $('after'))))
        .orderBy(asc(person))
        .limit($('limit')),
    ),
    insert: prepare(db.insert(t.member).values(parameters('tenant', 'person', 'role', 'createdAt'))),
    exists: guard(kit, 'version', sql`exists (select 1 from ${t.member} where ${one})`),
    keepsOwner: guard(
      kit,
      'owner',
      sql`exists (select 1 from ${t.member} where ${otherOwner}) or not exists (select 1 from ${t.member} where ${and(one, eq(role, sql`'owner'`))})`,
    ),
    change: prepare(
      db
        .update(t.member)
        .set({ role: sql`${$('role')}` })
        .where(one),
    ),
    remove: prepare(db.delete(t.member).where(one)),
    platform: prepare(
      db
        .select({ role: t.person.role })
        .from(t.person)
        .where(eq(t.person.id, $('person'))),
    ),
  };
}

export function members(kit: Kit): Members {
  const q = statements(kit);
  const audit = audits(kit);
  const hold = locks(kit);
  // The column contains only roles, because every write has one of this type.
  const read = (row: Omit<Member, 'role'> & { role: string }): Member => row as Member;

  const guarded = async (tenant: string, changes: Statement[], by: Audit): Promise<MemberRefusal | undefined> => {
    try {
      await kit.driver.batch([...hold({ alone: [membersLock(tenant)] }), ...changes, ...audit(by)]);
      return undefined;
    } catch (error) {
      const broken = brokenGuard(violation(error));
      if (broken === 'version') return 'absent';
      if (broken === 'owner') return 'last-owner';
      throw error;
    }
  };

  return {
    async grants(person) {
      const rows = await all(kit, q.memberships, { person });
      const memberships = new Map(rows.map(read).map(({ tenant, role }) => [tenant, role]));
      const platform = (await first(kit, q.platform, { person }))?.role as PlatformRole | null | undefined;
      return { memberships, ...(platform && { platform }) };
    },

    async find(tenant, person) {
      const row = await first(kit, q.find, { tenant, person });
      return row && read(row);
    },

    list: async (tenant, { limit, after = '' }) => (await all(kit, q.list, { tenant, limit, after })).map(read),

    async add(member, by) {
      try {
        const { tenant, person, role, createdAt } = member;
        const row = q.insert.with({ tenant, person, role, createdAt });
        await kit.driver.batch([...hold({ alone: [membersLock(tenant)] }), row, ...audit(by)]);
        return true;
      } catch (error) {
        if (violation(error)?.table === 'member') return false;
        throw error;
      }
    },

    change: (tenant, person, role, by) =>
      guarded(
        tenant,
        [
          q.exists.with({ tenant, person }),
          ...(role === 'owner' ? [] : [q.keepsOwner.with({ tenant, person })]),
          q.change.with({ tenant, person, role }),
        ],
        by,
      ),

    remove: (tenant, person, by) =>
      guarded(
        tenant,
        [q.exists.with({ tenant, person }), q.keepsOwner.with({ tenant, person }), q.remove.with({ tenant, person })],
        by,
      ),
  };
}
