import { and, asc, eq, gt, isNull, or, sql } from 'drizzle-orm';
import type { EnrolmentView } from '../enrolments/schema.ts';
import type { Stored } from '../view.ts';
import { agentRow, type NewAgent } from './agents.ts';
import { type Audit, audits } from './audit.ts';
import { stillHas } from './authors.ts';
import { $, $int, all, first, guard, type Kit, locks, type Page, parameters, prepare } from './query.ts';
import { unlessChanged } from './unless-changed.ts';
import { withoutNulls } from './without-nulls.ts';

export interface Enrolment extends Stored<EnrolmentView> {
  fleet: string;
}

/** One-time tokens with which agents enrol. They are found by the SHA-256 of the whole token, in hex. */
export interface Enrolments {
  /**
   * Stores an enrolment.
   *
   * @param most the number of enrolments of the fleet that can be used at a time, and the number of its agents, the
   *   stopped ones included
   * @returns false when the fleet has as many
   * @throws the error of the database when the fleet does not exist (`lacksReference`)
   */
  create(enrolment: Enrolment, hash: string, most: { open: number; agents: number }, audit: Audit): Promise<boolean>;
  findByHash(hash: string): Promise<Enrolment | undefined>;
  list(fleet: string, page: Page): Promise<Enrolment[]>;
  /**
   * Uses an enrolment for a new agent. The batch has the guard that whoever created the enrolment may still change the
   * fleet.
   *
   * @returns false when it was used or revoked, or has expired, or its author may not change the fleet any more
   */
  use(id: string, agent: NewAgent, audit: Audit): Promise<boolean>;
  /** @returns false when the fleet has no such enrolment, or when it was used or revoked */
  revoke(fleet: string, id: string, at: number, audit: Audit): Promise<boolean>;
}

/** Columns that responses and the code of the API read. The hash is none of them. */
function statements(kit: Kit) {
  const { db, t } = kit;
  const e = t.enrolment;
  const columns = {
    id: e.id,
    fleet: e.fleet,
    description: e.description,
    createdBy: e.createdBy,
    createdAt: e.createdAt,
    expiresAt: e.expiresAt,
    usedAt: e.usedAt,
    revokedAt: e.revokedAt,
    agent: e.agent,
  };
  const isOpen = and(isNull(e.usedAt), isNull(e.revokedAt));
  const named = eq(e.id, $('id'));
  const ofFleet = eq(e.fleet, $('fleet'));
  const exists = (condition: ReturnType<typeof and>) => sql`exists (select 1 from ${e} where ${condition})`;
  const manager = sql`(select ${t.fleet.tenant} from ${t.fleet} where ${and(eq(t.fleet.name, $('fleet')), eq(t.fleet.managedBy, sql`'tenant'`))})`;
  const mayStill = or(isNull(e.createdBy), stillHas(kit, e.createdBy, manager, ['gateway-admin', 'owner']));
  const agents = sql`(select count(*) from ${t.agent} where ${eq(t.agent.fleet, $('fleet'))})`;
  const open = sql`(select count(*) from ${e} where ${and(ofFleet, isOpen, gt(e.expiresAt, $('at')))})`;
  return {
    insert: prepare(
      db.insert(e).values(parameters('id', 'hash', 'fleet', 'description', 'createdBy', 'createdAt', 'expiresAt')),
    ),
    hasRoom: guard(kit, 'version', sql`${open} < ${$int('open')} and ${agents} < ${$int('agents')}`),
    byHash: prepare(
      db
        .select(columns)
        .from(e)
        .where(eq(e.hash, $('hash'))),
    ),
    list: prepare(
      db
        .select(columns)
        .from(e)
        .where(and(ofFleet, gt(e.id, $('after'))))
        .orderBy(asc(e.id))
        .limit($('limit')),
    ),
    usable: guard(kit, 'version', exists(and(named, ofFleet, isOpen, gt(e.expiresAt, $('at')), mayStill))),
    use: prepare(
      db
        .update(e)
        .set({ usedAt: sql`${$('at')}`, agent: sql`${$('agent')}` })
        .where(named),
    ),
    open: guard(kit, 'version', exists(and(named, ofFleet, isOpen))),
    revoke: prepare(
      db
        .update(e)
        .set({ revokedAt: sql`${$('at')}` })
        .where(named),
    ),
  };
}

export function enrolments(kit: Kit): Enrolments {
  const { driver } = kit;
  const q = statements(kit);
  const audit = audits(kit);
  const hold = locks(kit);
  const insertAgent = agentRow(kit);
  const locked = (fleet: string) => hold({ alone: [`enrolments/${fleet}`] });

  return {
    create({ id, fleet, description, createdBy = null, createdAt, expiresAt }, hash, most, by) {
      const row = { id, hash, fleet, description, createdBy, createdAt, expiresAt };
      return unlessChanged(driver, [
        ...locked(fleet),
        q.hasRoom.with({ fleet, at: createdAt, ...most }),
        q.insert.with(row),
        ...audit(by),
      ]);
    },

    async findByHash(hash) {
      const row = await first(kit, q.byHash, { hash });
      return row && withoutNulls<Enrolment>(row);
    },

    async list(fleet, { limit, after = '' }) {
      return (await all(kit, q.list, { fleet, limit, after })).map(withoutNulls<Enrolment>);
    },

    use(id, agent, by) {
      const { fleet, createdAt: at } = agent;
      return unlessChanged(driver, [
        ...locked(fleet),
        q.usable.with({ id, fleet, at }),
        q.use.with({ id, at, agent: agent.id }),
        insertAgent(agent),
        ...audit(by),
      ]);
    },

    revoke(fleet, id, at, by) {
      return unlessChanged(driver, [
        ...locked(fleet),
        q.open.with({ id, fleet }),
        q.revoke.with({ id, at }),
        ...audit(by),
      ]);
    },
  };
}
