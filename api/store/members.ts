import { and, asc, eq, gt, inArray, isNotNull, isNull, ne, sql } from 'drizzle-orm';
import type { MemberView, PlatformRole, StaffMemberView, TenantRole } from '../members/schema.ts';
import type { Stored } from '../view.ts';
import { type Audit, audits } from './audit.ts';
import { type Room, roomFor, roomLock } from './countable.ts';
import type { Statement } from './driver.ts';
import { type OwnMembership, ownMemberships } from './own-memberships.ts';
import { type NewOwner, ownershipRoom } from './owned-tenants.ts';
import { personLock } from './person-sessions.ts';
import { $, $text, all, first, guard, type Kit, locks, type Page, parameters, prepare } from './query.ts';
import { tokensLock } from './tokens.ts';
import { unlessChanged } from './unless-changed.ts';
import { brokenGuard, violation } from './violation.ts';

interface Member {
  tenant: string;
  person: string;
  role: TenantRole;
  createdAt: number;
}

/** A member with what the tenant sees of the person; nothing is known about a person whose account was deleted. */
export type KnownMember = Stored<MemberView>;

/** A person with a role in the platform. */
export type StaffMember = Stored<StaffMemberView>;

/** Why a batch that changes a member wrote nothing. */
export type MemberRefusal =
  /** The person is not a member of the tenant. */
  | 'absent'
  /** The tenant would have no owner. */
  | 'last-owner'
  /** The person would own more tenants than allowed. */
  | 'full';

/** The members of tenants. */
export interface Members {
  /** Returns the role of a person in each tenant, and in the platform. */
  grants(person: string): Promise<{ memberships: Map<string, TenantRole>; platform?: PlatformRole }>;
  /** Lists the tenants of a person, sorted by name. */
  memberships(person: string): Promise<OwnMembership[]>;
  find(tenant: string, person: string): Promise<KnownMember | undefined>;
  /** Whether the person with this address is a member. The database does the same work if there is no such person. */
  has(tenant: string, email: string): Promise<boolean>;
  /** Lists the members of a tenant, sorted by the id of the person. */
  list(tenant: string, page: Page): Promise<KnownMember[]>;
  /** Returns the addresses of those who may write certificates and domains of a tenant: its owners and gateway admins. */
  keepers(tenant: string): Promise<string[]>;
  /**
   * Adds a member.
   *
   * @param room the quota of the tenant; absent when it may have any number of members
   * @returns false when the person is a member already
   * @throws the error of the database when the tenant does not exist (`lacksReference`)
   */
  add(member: Member, audit: Audit, room?: Room): Promise<boolean | 'no room'>;
  /**
   * Changes the role of a member. A tenant keeps an owner: the guard is in the batch. Revokes the open invitations of a
   * person who is no owner any more, and of the tokens that the person limits.
   */
  change(tenant: string, member: NewOwner & { role: TenantRole }, audit: Audit): Promise<MemberRefusal | undefined>;
  /**
   * Removes a member, with the same guard. Revokes the tokens that the person limits, and the open invitations of the person
   * and of these tokens.
   */
  remove(tenant: string, person: string, audit: Audit): Promise<MemberRefusal | undefined>;
  /**
   * Gives a person a role in the platform, or takes it and revokes the tokens of the platform that the person limits.
   *
   * @returns false when there is no such person
   */
  appoint(person: string, role: PlatformRole | null, audit: Audit): Promise<boolean>;
  /** Lists the people with a role in the platform, sorted by id. */
  staff(page: Page): Promise<StaffMember[]>;
}

/** The lock on the members of a tenant. */
export const membersLock = (tenant: string): string => roomLock('members', tenant);

function statements(kit: Kit) {
  const { db, t } = kit;
  const { tenant, person, role, createdAt } = t.member;
  const ofTenant = eq(tenant, $('tenant'));
  const one = and(ofTenant, eq(person, $('person')));
  const otherOwner = and(ofTenant, eq(role, sql`'owner'`), ne(person, $('person')));
  const known = { person, email: t.person.email, name: t.person.name, role, createdAt };
  const isPerson = eq(t.person.id, $('person'));
  const limited = and(eq(t.token.tenant, $('tenant')), eq(t.token.person, $('person')));
  return {
    memberships: prepare(
      db
        .select({ tenant, role })
        .from(t.member)
        .where(eq(person, $('person'))),
    ),
    find: prepare(db.select(known).from(t.member).leftJoin(t.person, eq(t.person.id, person)).where(one)),
    has: prepare(
      db
        .select({ person })
        .from(t.member)
        .innerJoin(t.person, eq(t.person.id, person))
        .where(and(ofTenant, eq(t.person.email, $('email')))),
    ),
    list: prepare(
      db
        .select(known)
        .from(t.member)
        .leftJoin(t.person, eq(t.person.id, person))
        .where(and(ofTenant, gt(person, $('after'))))
        .orderBy(asc(person))
        .limit($('limit')),
    ),
    keepers: prepare(
      db
        .select({ email: t.person.email })
        .from(t.member)
        .innerJoin(t.person, eq(t.person.id, person))
        .where(and(ofTenant, inArray(role, ['owner', 'gateway-admin'])))
        .orderBy(asc(t.person.email)),
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
    revokeInvitations: prepare(
      db
        .update(t.invitation)
        .set({ revokedAt: sql`${$('at')}` })
        .where(
          and(
            eq(t.invitation.tenant, $('tenant')),
            sql`(${t.invitation.invitedBy} = ${$text('inviter')} or ${t.invitation.invitedBy} in (select 'token:' || ${t.token.id} from ${t.token} where ${limited}))`,
            isNull(t.invitation.acceptedAt),
            isNull(t.invitation.revokedAt),
          ),
        ),
    ),
    revokeTokens: prepare(
      db
        .update(t.token)
        .set({ revokedAt: sql`${$('at')}` })
        .where(and(limited, isNull(t.token.revokedAt))),
    ),
    revokePlatformTokens: prepare(
      db
        .update(t.token)
        .set({ revokedAt: sql`${$('at')}` })
        .where(and(isNull(t.token.tenant), eq(t.token.person, $('person')), isNull(t.token.revokedAt))),
    ),
    platform: prepare(db.select({ role: t.person.role }).from(t.person).where(isPerson)),
    isPerson: guard(kit, 'version', sql`exists (select 1 from ${t.person} where ${isPerson})`),
    appoint: prepare(
      db
        .update(t.person)
        .set({ role: sql`${$('role')}` })
        .where(isPerson),
    ),
    staff: prepare(
      db
        .select({ person: t.person.id, email: t.person.email, name: t.person.name, role: t.person.role })
        .from(t.person)
        .where(and(isNotNull(t.person.role), gt(t.person.id, $('after'))))
        .orderBy(asc(t.person.id))
        .limit($('limit')),
    ),
  };
}

type KnownRow = Omit<KnownMember, 'email' | 'name' | 'role'> & {
  email: string | null;
  name: string | null;
  role: string;
};

export function members(kit: Kit): Members {
  const q = statements(kit);
  const audit = audits(kit);
  const hold = locks(kit);
  const read = ({ email, name, ...row }: KnownRow): KnownMember => ({
    ...row,
    // The column contains only roles, because every write has one of this type.
    role: row.role as TenantRole,
    ...(email !== null && { email }),
    ...(name !== null && { name }),
  });
  const inRoom = roomFor(kit, 'members');
  const mayOwn = ownershipRoom(kit);

  // Whoever may not invite any more has no open invitations.
  const withdrawn = (tenant: string, person: string, { at }: Audit): Statement =>
    q.revokeInvitations.with({ tenant, person, inviter: `person:${person}`, at });

  /** @param owners what it means that the guard `owner` is broken */
  const guarded = async (
    { tenant, person }: Pick<Member, 'tenant' | 'person'>,
    changes: Statement[],
    by: Audit,
    owners: MemberRefusal = 'last-owner',
  ): Promise<MemberRefusal | undefined> => {
    try {
      const alone = [membersLock(tenant), tokensLock(tenant), personLock(person)];
      await kit.driver.batch([...hold({ alone }), ...changes, ...audit(by)]);
      return undefined;
    } catch (error) {
      const broken = brokenGuard(violation(error));
      if (broken === 'version') return 'absent';
      if (broken === 'owner') return owners;
      throw error;
    }
  };

  return {
    async grants(person) {
      const rows = await all(kit, q.memberships, { person });
      const memberships = new Map(rows.map(({ tenant, role }) => [tenant, role as TenantRole]));
      const platform = (await first(kit, q.platform, { person }))?.role as PlatformRole | null | undefined;
      return { memberships, ...(platform && { platform }) };
    },

    memberships: ownMemberships(kit),

    async find(tenant, person) {
      const row = await first(kit, q.find, { tenant, person });
      return row && read(row);
    },

    has: async (tenant, email) => (await first(kit, q.has, { tenant, email })) !== undefined,

    list: async (tenant, { limit, after = '' }) => (await all(kit, q.list, { tenant, limit, after })).map(read),

    keepers: async (tenant) => (await all(kit, q.keepers, { tenant })).map(({ email }) => email),

    async add(member, by, room) {
      try {
        const { tenant, person, role, createdAt } = member;
        const row = q.insert.with({ tenant, person, role, createdAt });
        const hasRoom = room ? [inRoom(room)] : [];
        await kit.driver.batch([...hold({ alone: [membersLock(tenant)] }), ...hasRoom, row, ...audit(by)]);
        return true;
      } catch (error) {
        if (violation(error)?.table === 'member') return false;
        if (brokenGuard(violation(error)) === 'quota') return 'no room';
        throw error;
      }
    },

    change(tenant, { role, ...owner }, by) {
      const member = { tenant, person: owner.person };
      const exists = q.exists.with(member);
      const change = q.change.with({ ...member, role });
      return role === 'owner'
        ? guarded(member, [exists, mayOwn(tenant, owner, by.actor), change], by, 'full')
        : guarded(member, [exists, q.keepsOwner.with(member), withdrawn(tenant, owner.person, by), change], by);
    },

    remove: (tenant, person, by) =>
      guarded(
        { tenant, person },
        [
          q.exists.with({ tenant, person }),
          q.keepsOwner.with({ tenant, person }),
          withdrawn(tenant, person, by),
          q.remove.with({ tenant, person }),
          q.revokeTokens.with({ tenant, person, at: by.at }),
        ],
        by,
      ),

    async appoint(person, role, by) {
      return unlessChanged(kit.driver, [
        ...hold({ alone: [personLock(person), tokensLock()] }),
        q.isPerson.with({ person }),
        q.appoint.with({ person, role }),
        ...(role === null ? [q.revokePlatformTokens.with({ person, at: by.at })] : []),
        ...audit(by),
      ]);
    },

    staff: async ({ limit, after = '' }) =>
      (await all(kit, q.staff, { limit, after })).map((row) => ({ ...row, role: row.role as PlatformRole })),
  };
}
