import { and, asc, eq, gt, isNull, sql } from 'drizzle-orm';
import type { InvitationView } from '../invitations/schema.ts';
import type { TenantRole } from '../members/schema.ts';
import type { Stored } from '../view.ts';
import { type Audit, audits } from './audit.ts';
import { stillHas } from './authors.ts';
import { type Room, roomFor } from './countable.ts';
import { mails, type QueuedMail } from './mail.ts';
import { membersLock } from './members.ts';
import { ownershipRoom } from './owned-tenants.ts';
import { personLock } from './person-sessions.ts';
import { $, $int, all, first, guard, type Kit, locks, type Page, parameters, prepare } from './query.ts';
import { unlessChanged } from './unless-changed.ts';
import { brokenGuard, violation } from './violation.ts';

export interface Invitation extends Stored<InvitationView> {
  tenant: string;
}

/** The invitation that somebody accepts. */
interface Acceptance {
  invitation: Invitation;
  person: string;
  at: number;
  /** The quota of members of the tenant. */
  room: Room;
  /** The number of tenants that a person may own. */
  mostOwned: number;
}

/** Invitations to tenants. They are found by the SHA-256 of their secret, in hex. */
export interface Invitations {
  /**
   * Stores an invitation and queues its mail. It replaces the invitation of the same address that was not accepted yet.
   *
   * @param most the number of invitations of the tenant since the time `since`
   * @returns false when the tenant has sent that many
   * @throws the error of the database when the tenant does not exist (`lacksReference`)
   */
  create(
    invitation: Invitation,
    hash: string,
    mail: QueuedMail,
    audit: Audit,
    limit: { most: number; since: number },
  ): Promise<boolean>;
  /** Finds an invitation that is neither accepted nor revoked nor expired. */
  findByHash(hash: string, now: number): Promise<Invitation | undefined>;
  list(tenant: string, page: Page): Promise<Invitation[]>;
  /**
   * Makes a person a member, and the invitation used. The batch has the guard that the invitation is still valid, is for the
   * address of the person, and comes from somebody who may still invite.
   *
   * @returns `invalid` when it is not; `member` when the person is a member already; `no room` when the tenant has as many
   *   members as it may have; `full` when the person would own more tenants than allowed
   */
  accept(acceptance: Acceptance, audit: Audit): Promise<'accepted' | 'invalid' | 'member' | 'no room' | 'full'>;
  /** Returns false when the tenant has no such invitation, or it was accepted or revoked. */
  revoke(tenant: string, id: string, at: number, audit: Audit): Promise<boolean>;
}

function statements(kit: Kit) {
  const { db, t } = kit;
  const { invitation, person } = t;
  const { id, tenant, email, role, invitedBy, createdAt, expiresAt, acceptedAt, revokedAt } = invitation;
  const columns = { id, tenant, email, role, invitedBy, createdAt, expiresAt, acceptedAt, revokedAt };
  const isOpen = and(isNull(acceptedAt), isNull(revokedAt));
  const isOne = and(eq(tenant, $('tenant')), eq(id, $('id')), isOpen);
  const address = sql`(select ${person.email} from ${person} where ${eq(person.id, $('person'))} and ${person.emailVerified} = 1)`;
  const sent = sql`(select count(*) from ${invitation} where ${and(eq(tenant, $('tenant')), sql`${createdAt} > ${$int('since')}`)})`;
  const exists = (condition: ReturnType<typeof and>) => sql`exists (select 1 from ${invitation} where ${condition})`;
  return {
    hasRoom: guard(kit, 'quota', sql`${sent} < ${$int('most')}`),
    replace: prepare(
      db
        .update(invitation)
        .set({ revokedAt: sql`${$('at')}` })
        .where(and(eq(tenant, $('tenant')), eq(email, $('email')), isOpen)),
    ),
    insert: prepare(
      db
        .insert(invitation)
        .values(parameters('id', 'hash', 'tenant', 'email', 'role', 'invitedBy', 'createdAt', 'expiresAt')),
    ),
    byHash: prepare(
      db
        .select(columns)
        .from(invitation)
        .where(and(eq(invitation.hash, $('hash')), isOpen, gt(expiresAt, $('now')))),
    ),
    list: prepare(
      db
        .select(columns)
        .from(invitation)
        .where(and(eq(tenant, $('tenant')), gt(id, $('after'))))
        .orderBy(asc(id))
        .limit($('limit')),
    ),
    isOpen: guard(kit, 'version', exists(isOne)),
    isFor: guard(
      kit,
      'version',
      exists(
        and(isOne, gt(expiresAt, $('at')), sql`${email} = ${address}`, stillHas(kit, invitedBy, tenant, ['owner'])),
      ),
    ),
    accept: prepare(
      db
        .update(invitation)
        .set({ acceptedAt: sql`${$('at')}` })
        .where(isOne),
    ),
    join: prepare(db.insert(t.member).values(parameters('tenant', 'person', 'role', 'createdAt'))),
    revoke: prepare(
      db
        .update(invitation)
        .set({ revokedAt: sql`${$('at')}` })
        .where(isOne),
    ),
  };
}

type Row = Omit<Invitation, 'role' | 'acceptedAt' | 'revokedAt'> & {
  role: string;
  acceptedAt: number | null;
  revokedAt: number | null;
};

const read = ({ acceptedAt, revokedAt, ...row }: Row): Invitation => ({
  ...row,
  // The column contains only roles, because every write has one of this type.
  role: row.role as TenantRole,
  ...(acceptedAt !== null && { acceptedAt }),
  ...(revokedAt !== null && { revokedAt }),
});

export function invitations(kit: Kit): Invitations {
  const q = statements(kit);
  const audit = audits(kit);
  const queue = mails(kit);
  const hold = locks(kit);
  const inRoom = roomFor(kit, 'members');
  const mayOwn = ownershipRoom(kit);
  const { driver } = kit;

  return {
    async create(made, hash, mail, by, { most, since }) {
      const { id, tenant, email, role, invitedBy, createdAt, expiresAt } = made;
      try {
        await driver.batch([
          ...hold({ alone: [membersLock(tenant)] }),
          q.hasRoom.with({ tenant, most, since }),
          q.replace.with({ tenant, email, at: createdAt }),
          q.insert.with({ id, hash, tenant, email, role, invitedBy, createdAt, expiresAt }),
          ...queue(mail),
          ...audit(by),
        ]);
        return true;
      } catch (error) {
        if (brokenGuard(violation(error)) === 'quota') return false;
        throw error;
      }
    },

    async findByHash(hash, now) {
      const row = await first(kit, q.byHash, { hash, now });
      return row && read(row);
    },

    list: async (tenant, { limit, after = '' }) => (await all(kit, q.list, { tenant, limit, after })).map(read),

    async accept({ invitation: { id, tenant, role, invitedBy }, person, at, room, mostOwned }, by) {
      try {
        await driver.batch([
          ...hold({ alone: [membersLock(tenant), personLock(person)] }),
          q.isFor.with({ id, tenant, person, at }),
          inRoom(room),
          ...(role === 'owner' ? [mayOwn(tenant, { person, most: mostOwned }, invitedBy)] : []),
          q.accept.with({ id, tenant, at }),
          q.join.with({ tenant, person, role, createdAt: at }),
          ...audit(by),
        ]);
        return 'accepted';
      } catch (error) {
        const broken = violation(error);
        if (brokenGuard(broken) === 'version') return 'invalid';
        if (brokenGuard(broken) === 'quota') return 'no room';
        if (brokenGuard(broken) === 'owner') return 'full';
        if (broken?.table === 'member') return 'member';
        throw error;
      }
    },

    async revoke(tenant, id, at, by) {
      return unlessChanged(driver, [
        ...hold({ alone: [membersLock(tenant)] }),
        q.isOpen.with({ tenant, id }),
        q.revoke.with({ tenant, id, at }),
        ...audit(by),
      ]);
    },
  };
}
