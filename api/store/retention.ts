import { and, asc, eq, lt, lte, type SQL, sql } from 'drizzle-orm';
import { Pace } from '../pace.ts';
import { auditRetention } from './audit-retention.ts';
import { one, revisionStatements, storageStatements } from './prune-revisions.ts';
import { $, $int, all, first, type Kit, type Page, type Prepared, prepare } from './query.ts';

/** The rules by which superseded revisions are kept. A revision is kept while one of them applies. */
interface RevisionTerms {
  /** The number of the latest revisions to keep, including the head. At least 1. */
  keep: number;
  /** Keeps every revision that was the head at this time or later, in milliseconds since 1970. */
  since: number;
  /** No rule keeps revisions before this one; absent when the tenant may keep all. */
  first?: number;
}

/**
 * The types of rows that are deleted after a period. The period begins when the row is written, or for a node with its
 * last report. For a message it begins when the message is sent or fails.
 */
export type Expiring = 'idempotency' | 'audit' | 'rejection' | 'node' | 'enrolment' | 'agent' | 'mail' | 'invitation';

/**
 * Deletes rows whose retention period is over. Each call is a small batch, so that writers run in between. The call
 * returns whether more rows are due.
 */
export interface Retention {
  /**
   * Deletes at most `limit` rows of a feed that are older than its last `keep` rows. An agent whose cursor is older
   * gets a snapshot.
   *
   * @returns whether more rows are due
   */
  pruneFeed(fleet: string, keep: number, limit: number): Promise<boolean>;
  /**
   * Deletes at most `limit` rows of a feed that were written before the time `before`. It keeps the rows that a
   * connected node does not serve yet.
   */
  expireFeed(fleet: string, before: number, limit: number): Promise<boolean>;
  /** Lists the tenants with a plan that may have revisions to prune, sorted by name. */
  superseded(plan: string, page: Page, terms: RevisionTerms): Promise<string[]>;
  /**
   * Deletes resource versions that only superseded revisions contain, and then the revisions. It never deletes the
   * head, or versions that feed events still need. A revision with rejections is kept as long as its rejections.
   */
  pruneRevisions(tenant: string, terms: RevisionTerms, limit: number): Promise<boolean>;
  /**
   * Finds the revisions that a tenant may keep if all that they wrote must fit into `bytes`. A revision counts what it
   * wrote, so the configuration at the first of them is not counted.
   *
   * @returns the first of these revisions, at most the head, and the mean size of what one change wrote; undefined when
   *   all revisions fit
   */
  fitting(tenant: string, bytes: number): Promise<{ first: number; mean: number } | undefined>;
  /**
   * Releases revisions before `first`, so that `pruneRevisions` can delete them. In each feed, the tenant's remaining
   * events are then preceded by its whole configuration. Deletes at most `limit` feed rows.
   */
  release(tenant: string, first: number, limit: number): Promise<boolean>;
  /**
   * Deletes at most `limit` rows of a type that were written before the time `before`. Rejections of a head are kept at
   * any age.
   */
  expire(what: Expiring, before: number, limit: number): Promise<boolean>;
  /** Returns the space of deleted rows to the disk, if the database does not do that automatically. */
  tidy(): Promise<void>;
}

function feed({ db, t }: Kit) {
  const named = eq(t.fleet.name, $('fleet'));
  const ofFleet = eq(t.feed.fleet, $('fleet'));
  const floor = db.select({ floor: t.fleet.floor }).from(t.fleet).where(named);
  const kept = sql`${t.fleet.seq} - ${$int('keep')}`;
  const next = sql`${t.fleet.floor} + ${$int('limit')}`;
  const connected = and(
    eq(t.node.fleet, t.fleet.name),
    eq(t.node.connected, 1),
    sql`${t.node.lastSeenAt} >= ${$('before')}`,
  );
  const passed = sql`(select coalesce(min(${t.node.live}), ${$int('upTo')}) from ${t.node} where ${connected})`;
  const target = sql`case when ${passed} < ${$int('upTo')} then ${passed} else ${$int('upTo')} end`;
  return {
    ends: prepare(db.select({ head: t.fleet.seq, floor: t.fleet.floor }).from(t.fleet).where(named)),
    oldest: prepare(
      db
        .select({ seq: t.feed.seq, createdAt: t.feed.createdAt })
        .from(t.feed)
        .where(ofFleet)
        .orderBy(asc(t.feed.seq))
        .limit($('limit')),
    ),
    keepLast: prepare(
      db
        .update(t.fleet)
        .set({ floor: sql`case when ${next} < ${kept} then ${next} else ${kept} end` })
        .where(and(named, sql`${t.fleet.floor} < ${kept}`)),
    ),
    raise: prepare(
      db
        .update(t.fleet)
        .set({ floor: target })
        .where(and(named, sql`${t.fleet.floor} < (${target})`)),
    ),
    forget: prepare(
      db
        .delete(t.feed)
        .where(and(ofFleet, lte(t.feed.seq, floor)))
        .returning({ one }),
    ),
  };
}

function expiring({ db, t }: Kit): Record<Exclude<Expiring, 'audit'>, Prepared<unknown>> {
  const { idempotency, rejection, node, mail, enrolment, agent, invitation, tenant } = t;
  const limit = sql`limit ${$('limit')}`;
  const before = $('before');
  const isHead = and(eq(tenant.name, rejection.tenant), eq(tenant.revision, rejection.revision));
  type Table =
    | typeof idempotency
    | typeof rejection
    | typeof node
    | typeof mail
    | typeof enrolment
    | typeof agent
    | typeof invitation;
  const remove = (table: Table, which: SQL) => prepare(db.delete(table).where(which).returning({ one }));
  const { tenant: of, revision, fleet, node: by, resource, path } = rejection;
  const refused = sql`${of}, ${revision}, ${fleet}, ${by}, ${resource}, ${path}`;
  return {
    idempotency: remove(
      idempotency,
      sql`(${idempotency.owner}, ${idempotency.key}) in (select ${idempotency.owner}, ${idempotency.key} from ${idempotency} where ${lt(idempotency.createdAt, before)} ${limit})`,
    ),
    rejection: remove(
      rejection,
      sql`(${refused}) in (select ${refused} from ${rejection} where ${lt(rejection.at, before)} and not exists (select 1 from ${tenant} where ${isHead}) ${limit})`,
    ),
    node: remove(
      node,
      sql`(${node.fleet}, ${node.name}) in (select ${node.fleet}, ${node.name} from ${node} where ${lt(node.lastSeenAt, before)} ${limit})`,
    ),
    enrolment: remove(
      enrolment,
      sql`${enrolment.id} in (select ${enrolment.id} from ${enrolment} where ${lt(enrolment.expiresAt, before)} ${limit})`,
    ),
    // An agent that has lapsed can never get a credential again.
    agent: remove(
      agent,
      sql`${agent.id} in (select ${agent.id} from ${agent} where ${lt(agent.lapsesAt, before)} ${limit})`,
    ),
    invitation: remove(
      invitation,
      sql`${invitation.id} in (select ${invitation.id} from ${invitation} where ${lt(invitation.expiresAt, before)} ${limit})`,
    ),
    mail: remove(
      mail,
      sql`${mail.id} in (select ${mail.id} from ${mail} where ${mail.state} in ('sent', 'failed') and ${lt(mail.dueAt, before)} ${limit})`,
    ),
  };
}

/** The number of versions whose sizes one query reads. */
const VERSIONS_AT_ONCE = 2_000;

export function retention(kit: Kit): Retention {
  const { driver } = kit;
  const q = {
    feed: feed(kit),
    storage: storageStatements(kit),
    revisions: revisionStatements(kit),
    expiring: expiring(kit),
  };
  const expireAudit = auditRetention(kit);
  const head = async (tenant: string) => (await first(kit, q.storage.head, { tenant }))?.revision;
  const removed = async (...statements: Parameters<typeof driver.batch>[0]) =>
    (await driver.batch(statements)).at(-1)!.length;

  return {
    async pruneFeed(fleet, keep, limit) {
      // The batch raises the floor before it deletes rows. A reader in between then gets a snapshot instead of missing
      // the deleted rows.
      await driver.batch([q.feed.keepLast.with({ fleet, keep, limit }), q.feed.forget.with({ fleet })]);
      const ends = await first(kit, q.feed.ends, { fleet });
      return ends !== undefined && ends.head - ends.floor > keep;
    },

    async expireFeed(fleet, before, limit) {
      const rows = await all(kit, q.feed.oldest, { fleet, limit });
      const young = rows.findIndex(({ createdAt }) => createdAt >= before);
      const old = young < 0 ? rows : rows.slice(0, young);
      if (old.length === 0) return false;
      const upTo = old.at(-1)!.seq;
      const forgotten = await removed(q.feed.raise.with({ fleet, before, upTo }), q.feed.forget.with({ fleet }));
      return forgotten === limit;
    },

    async superseded(plan, { limit, after = '' }, { keep, since }) {
      return (await all(kit, q.revisions.superseded, { plan, limit, after, keep, since })).map(({ name }) => name);
    },

    async pruneRevisions(tenant, { keep, since, first = 0 }, limit) {
      const rows = { tenant, limit };
      // `oldest` is raised first, for the same reason: a reader of a revision checks `oldest` after its read, and so
      // notices that the revision was pruned meanwhile.
      const versions = await removed(
        q.revisions.raise.with({ tenant, keep, since, first }),
        q.revisions.versions.with(rows),
      );
      if (versions === limit) return true;
      // The rows of revisions are deleted last, because `superseded` finds tenants by them.
      return (await removed(q.revisions.revisions.with(rows))) === limit;
    },

    async fitting(tenant, bytes) {
      let [size, count] = [0, 0];
      let at = { revision: Number.MAX_SAFE_INTEGER, kind: '', name: '' };
      for (const pace = new Pace(); ; ) {
        const rows = await all(kit, q.storage.written, { tenant, ...at, limit: VERSIONS_AT_ONCE });
        for (const row of rows) {
          size += row.size;
          count++;
          if (size > bytes) return { first: Math.min(row.revision + 1, (await head(tenant)) ?? 0), mean: size / count };
        }
        if (rows.length < VERSIONS_AT_ONCE) return undefined;
        at = rows.at(-1)!;
        if (pace.isDue) await pace.rest();
      }
    },

    async release(tenant, revision, limit) {
      const statements = [
        q.storage.forgetRejections.with({ tenant, revision }),
        q.storage.wholeFirst.with({ tenant, revision }),
        q.storage.forgetEvents.with({ tenant, revision, limit }),
      ];
      return (await removed(...statements)) === limit;
    },

    async expire(what, before, limit) {
      if (what === 'audit') return expireAudit(before, limit);
      return (await removed(q.expiring[what].with({ before, limit }))) === limit;
    },

    tidy: async () => driver.tidy?.(),
  };
}
