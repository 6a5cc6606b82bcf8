import { declare } from './declare.ts';

/** The queue of e-mail messages. A row is written by the batch of the change that causes the message. */
export const mail = declare(({ table, text, integer, index }) =>
  table(
    'mail',
    {
      /** Sorts by the time at which the message was queued. */
      id: text('id').primaryKey(),
      /** In lower case. */
      recipient: text('recipient').notNull(),
      template: text('template').notNull(),
      /**
       * The sealed values of the template, which may contain a secret link. Empty once the message is sent or failed.
       */
      sealed: text('sealed').notNull(),
      /** `queued`, `sent` or `failed`. */
      state: text('state').notNull(),
      /** The number of attempts, with the one that is under way. */
      attempts: integer('attempts').notNull(),
      /** The time of the next attempt. Of a message that is sent or failed: when that happened. */
      dueAt: integer('due_at').notNull(),
      /** A message that is not sent at this time fails. */
      expiresAt: integer('expires_at').notNull(),
      createdAt: integer('created_at').notNull(),
      /** Why the last attempt failed. */
      error: text('error'),
    },
    (t) => [index('mail_due').on(t.state, t.dueAt), index('mail_recipient').on(t.recipient, t.template, t.createdAt)],
  ),
).with({
  copied: true,
  doctor: 'not examined: it expires, and the messages that failed are listed by the API',
  // A restore would send the messages of the backup again.
  isEmptiedByRestore: true,
});
