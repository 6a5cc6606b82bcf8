import { and, asc, eq, gt, isNull, lt, lte, or, type SQL, sql } from 'drizzle-orm';
import type { AgentView } from '../agents/schema.ts';
import type { Stored } from '../view.ts';
import { type Audit, audits } from './audit.ts';
import type { Statement } from './driver.ts';
import { $, $int, $text, all, first, guard, type Kit, locks, type Page, parameters, prepare } from './query.ts';
import { unlessChanged } from './unless-changed.ts';
import { withoutNulls } from './without-nulls.ts';

type StopReason = NonNullable<AgentView['stopReason']>;

export interface Agent extends Stored<AgentView> {
  fleet: string;
  /** Ed25519, the base64 of 32 bytes. */
  publicKey: string;
  /** The random text of the last renewal. */
  nonce?: string;
  /** The latest time at which the agent signed a renewal that was accepted. */
  signedAt?: number;
}

/** An agent that enrols. It gets its first credential by a renewal. */
export type NewAgent = Pick<
  Agent,
  'id' | 'fleet' | 'name' | 'publicKey' | 'version' | 'createdAt' | 'lapsesAt' | 'enrolledBy'
>;

/** The next credential of an agent. */
export interface NextCredential {
  id: string;
  /** The generation that the agent has. The next one is above it. */
  generation: number;
  /** The random text of the request. A request with the same generation and nonce as the last one is a repetition. */
  nonce: string;
  /** The time at which the agent signed the request. A repetition must be signed later than the requests before it. */
  signedAt: number;
  hash: string;
  version: string;
  at: number;
  expiresAt: number;
  lapsesAt: number;
}

/** The agents that have enrolled, and their credentials. A credential is found by the SHA-256 of it, in hex. */
export interface Agents {
  find(id: string): Promise<Agent | undefined>;
  /** Finds the agent whose current credential has this hash. */
  findByCredential(hash: string): Promise<Agent | undefined>;
  list(fleet: string, page: Page): Promise<Agent[]>;
  /**
   * Replaces the credential of an agent, and increments its generation. A repeated request replaces the credential
   * again, because the database has only its hash. It must be signed later than every renewal before it, so a copy of
   * a request that somebody recorded replaces nothing.
   *
   * @returns false when the agent was stopped or can no longer renew, when another request has renewed the generation,
   *   or when a repetition is not signed later
   */
  renew(next: NextCredential): Promise<boolean>;
  /**
   * Stops an agent for good.
   *
   * @param above stops the agent only if its generation is above this number
   * @returns false when the fleet has no such agent, or when it was stopped before
   */
  stop(
    stop: { fleet: string; id: string; reason: StopReason; at: number; above?: number },
    audit: Audit,
  ): Promise<boolean>;
}

/** Makes the statement that stores a new agent. */
export function agentRow({ db, t }: Kit): (agent: NewAgent) => Statement {
  const insert = prepare(
    db.insert(t.agent).values({
      ...parameters('id', 'fleet', 'name', 'publicKey', 'version', 'createdAt', 'lapsesAt', 'enrolledBy'),
      generation: 0,
    }),
  );
  return ({ id, fleet, name, publicKey, version, createdAt, lapsesAt, enrolledBy = null }) =>
    insert.with({
      ...{ id, fleet, name: name.toWellFormed(), publicKey, version: version.toWellFormed(), createdAt },
      ...{ lapsesAt, enrolledBy },
    });
}

function statements(kit: Kit) {
  const { db, t } = kit;
  const a = t.agent;
  const columns = {
    id: a.id,
    fleet: a.fleet,
    name: a.name,
    publicKey: a.publicKey,
    generation: a.generation,
    nonce: a.nonce,
    signedAt: a.signedAt,
    version: a.version,
    createdAt: a.createdAt,
    renewedAt: a.renewedAt,
    expiresAt: a.expiresAt,
    lapsesAt: a.lapsesAt,
    enrolledBy: a.enrolledBy,
    stoppedAt: a.stoppedAt,
    stopReason: a.stopReason,
  };
  const named = eq(a.id, $('id'));
  const exists = (condition: SQL | undefined) => sql`exists (select 1 from ${a} where ${condition})`;
  const select = (condition: SQL | undefined) => prepare(db.select(columns).from(a).where(condition));
  const isFirst = lte(a.generation, $('generation'));
  // Rows of earlier versions have no time.
  const isLater = or(isNull(a.signedAt), lt(a.signedAt, $('signedAt')));
  const isRepeated = and(eq(a.generation, sql`${$int('generation')} + 1`), eq(a.nonce, $('nonce')), isLater);
  return {
    get: select(named),
    byHash: select(eq(a.hash, $('hash'))),
    list: prepare(
      db
        .select(columns)
        .from(a)
        .where(and(eq(a.fleet, $('fleet')), gt(a.id, $('after'))))
        .orderBy(asc(a.id))
        .limit($('limit')),
    ),
    // A generation below the one of the request is that of a database that was restored from a backup.
    renewable: guard(
      kit,
      'version',
      exists(and(named, isNull(a.stoppedAt), gt(a.lapsesAt, $('at')), or(isFirst, isRepeated))),
    ),
    renew: prepare(
      db
        .update(a)
        .set({
          generation: sql`${$int('generation')} + 1`,
          nonce: sql`${$text('nonce')}`,
          signedAt: sql`case when ${isLater} then ${$int('signedAt')} else ${a.signedAt} end`,
          hash: sql`${$text('hash')}`,
          version: sql`${$text('version')}`,
          renewedAt: sql`${$int('at')}`,
          expiresAt: sql`${$int('expiresAt')}`,
          lapsesAt: sql`${$int('lapsesAt')}`,
        })
        .where(named),
    ),
    running: guard(
      kit,
      'version',
      exists(and(named, eq(a.fleet, $('fleet')), isNull(a.stoppedAt), gt(a.generation, $('above')))),
    ),
    stop: prepare(
      db
        .update(a)
        .set({ stoppedAt: sql`${$int('at')}`, stopReason: sql`${$text('reason')}` })
        .where(named),
    ),
  };
}

export function agents(kit: Kit): Agents {
  const { driver } = kit;
  const q = statements(kit);
  const audit = audits(kit);
  const hold = locks(kit);
  type Row = ReturnType<typeof q.get.rows>[number];
  const read = ({ stopReason, ...row }: Row): Agent =>
    // Only `stop` writes the column.
    withoutNulls<Agent>({ ...row, stopReason: stopReason as StopReason | null });
  const change = (id: string, batch: Statement[]): Promise<boolean> =>
    unlessChanged(driver, [...hold({ alone: [`agent/${id}`] }), ...batch]);

  return {
    async find(id) {
      const row = await first(kit, q.get, { id });
      return row && read(row);
    },

    async findByCredential(hash) {
      const row = await first(kit, q.byHash, { hash });
      return row && read(row);
    },

    async list(fleet, { limit, after = '' }) {
      return (await all(kit, q.list, { fleet, limit, after })).map(read);
    },

    renew({ version, ...next }) {
      const row = { ...next, version: version.toWellFormed() };
      return change(next.id, [q.renewable.with(row), q.renew.with(row)]);
    },

    stop({ fleet, id, reason, at, above = -1 }, by) {
      return change(id, [q.running.with({ id, fleet, above }), q.stop.with({ id, reason, at }), ...audit(by)]);
    },
  };
}
