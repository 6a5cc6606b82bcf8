import { and, desc, eq, lt, lte, sql } from 'drizzle-orm';
import type { MailView } from '../mail/schema.ts';
import type { Stored } from '../view.ts';
import type { Statement } from './driver.ts';
import { $, $int, $text, all, type Kit, type Page, prepare } from './query.ts';

/** A message that is ready for the queue. `Outbox.prepare` makes it. */
export interface QueuedMail {
  id: string;
  recipient: string;
  template: string;
  /** The values of the template, as `Sealer.sealText` returns them. */
  sealed: string;
  createdAt: number;
  expiresAt: number;
  /** At most `most` messages with this template are queued for the recipient since the time `since`. */
  limit: { most: number; since: number };
}

/** A message that a run of the job is about to send. */
export interface ClaimedMail {
  id: string;
  recipient: string;
  template: string;
  sealed: string;
  /** The number of this attempt. Other runs have other numbers, so it identifies the claim. */
  attempts: number;
  createdAt: number;
  expiresAt: number;
}

export type MailRow = Stored<MailView>;

/** The queue of e-mail messages. */
export interface MailQueue {
  /** Queues a message in a batch of its own. */
  add(mail: QueuedMail): Promise<void>;
  /**
   * Claims messages that are due. No other run gets them before the time `until`, so a message whose sender was killed
   * is sent again after that time.
   */
  claim(at: { now: number; until: number; limit: number }): Promise<ClaimedMail[]>;
  /** Fails the messages that expired, and deletes their content. */
  expire(now: number): Promise<void>;
  /**
   * Records the end of an attempt. It has no effect when the message was claimed again meanwhile. The content of a
   * message that is sent or failed is deleted.
   *
   * @param at the time of the next attempt, or the time at which the message was sent or failed
   */
  end(claim: ClaimedMail, result: { state: MailRow['state']; at: number; error?: string }): Promise<void>;
  /** Lists messages, the newest first. */
  list(page: Page & { state?: MailRow['state'] | undefined }): Promise<MailRow[]>;
}

/**
 * Makes the statements that queue a message. The batch of the change that causes the message contains them, so a crash
 * loses both or neither. Beyond the limit of the recipient, or when there is a message with this id, nothing is queued,
 * and the batch succeeds.
 */
export function mails(kit: Kit): (mail: QueuedMail) => Statement[] {
  const { db, t, x } = kit;
  const earlier = sql`(select count(*) from ${t.mail} where ${and(
    eq(t.mail.recipient, $('recipient')),
    eq(t.mail.template, $('template')),
    sql`${t.mail.createdAt} > ${$('since')}`,
  )})`;
  const insert = prepare(
    db
      .insert(t.mail)
      .select(
        sql`select ${$text('id')}, ${$text('recipient')}, ${$text('template')}, ${$text('sealed')}, 'queued', 0, ${$int('createdAt')}, ${$int('expiresAt')}, ${$int('createdAt')}, null where ${earlier} < ${$int('most')}`,
      )
      .onConflictDoNothing(),
  );
  return ({ limit, ...mail }) => [
    // Without the lock, batches that run at the same time would not count each other's messages.
    ...(x.lock === undefined ? [] : [{ sql: x.lock, params: [JSON.stringify([`~mail/${mail.recipient}`])] }]),
    insert.with({ ...mail, ...limit }),
  ];
}

function statements({ db, t }: Kit) {
  const { id, recipient, template, sealed, state, attempts, dueAt, expiresAt, createdAt, error } = t.mail;
  const isDue = and(eq(state, 'queued'), lte(dueAt, $('now')));
  const columns = { id, recipient, template, state, attempts, dueAt, expiresAt, createdAt, error };
  const list = (which: Parameters<typeof and>[0]) =>
    prepare(
      db
        .select(columns)
        .from(t.mail)
        .where(and(which, lt(id, $('after'))))
        .orderBy(desc(id))
        .limit($('limit')),
    );
  return {
    claim: prepare(
      db
        .update(t.mail)
        .set({ attempts: sql`${attempts} + 1`, dueAt: sql`${$('until')}` })
        .where(
          and(
            sql`${id} in (select ${id} from ${t.mail} where ${isDue} order by ${dueAt} limit ${$('limit')})`,
            // PostgreSQL checks this part again when another run has claimed the message meanwhile.
            isDue,
          ),
        )
        .returning({ id, recipient, template, sealed, attempts, createdAt, expiresAt }),
    ),
    expire: prepare(
      db
        .update(t.mail)
        .set({
          state: 'failed',
          sealed: '',
          dueAt: sql`${$('now')}`,
          error: sql`'expired' || coalesce('; ' || ${error}, '')`,
        })
        .where(and(isDue, lte(expiresAt, $('now')))),
    ),
    retry: prepare(
      db
        .update(t.mail)
        .set({ dueAt: sql`${$('at')}`, error: sql`${$('error')}` })
        .where(and(eq(id, $('id')), eq(attempts, $('attempts')), eq(state, 'queued'))),
    ),
    end: prepare(
      db
        .update(t.mail)
        .set({ state: sql`${$('state')}`, sealed: '', dueAt: sql`${$('at')}`, error: sql`${$('error')}` })
        .where(and(eq(id, $('id')), eq(attempts, $('attempts')), eq(state, 'queued'))),
    ),
    list: list(undefined),
    listOf: list(eq(state, $('state'))),
  };
}

/** A text that sorts after every id. */
const LAST = '~';

export function mailQueue(kit: Kit): MailQueue {
  const q = statements(kit);
  const { driver } = kit;
  const add = mails(kit);
  return {
    async add(mail) {
      await driver.batch(add(mail));
    },
    async claim(at) {
      const [rows] = await driver.batch([q.claim.with(at)]);
      return q.claim.rows(rows!);
    },
    async expire(now) {
      await driver.batch([q.expire.with({ now })]);
    },
    async end({ id, attempts }, { state, at, error = null }) {
      const mine = { id, attempts, at, error };
      await driver.batch([state === 'queued' ? q.retry.with(mine) : q.end.with({ ...mine, state })]);
    },
    async list({ state, limit, after = LAST }) {
      const rows =
        state === undefined
          ? await all(kit, q.list, { limit, after })
          : await all(kit, q.listOf, { state, limit, after });
      return rows.map(({ error, ...row }) => ({
        ...row,
        state: row.state as MailRow['state'],
        ...(error !== null && { error }),
      }));
    },
  };
}
