import { sql } from 'drizzle-orm';
import { declare } from './declare.ts';

/** The entries of the audit log. They are only added, and deleted when their retention period is over. */
export const audit = declare(({ table, text, integer, serial, index, uniqueIndex }) =>
  table(
    'audit',
    {
      id: serial('id'),
      actor: text('actor').notNull(),
      action: text('action').notNull(),
      target: text('target').notNull(),
      at: integer('at').notNull(),
      requestId: text('request_id').notNull(),
      remote: text('remote').notNull(),
      /** The name of the chain (`api/store/audit.ts`). Empty in rows that were written before there were chains. */
      chain: text('chain').notNull().default(''),
      /** The number of the entry in its chain, from 1, without gaps. */
      number: integer('number').notNull().default(0),
      /** The hash of the entry with the number before this one; empty in the first entry. */
      previous: text('previous').notNull().default(''),
      /** SHA-256 of `previous`, the number and the content, in hex. */
      hash: text('hash').notNull().default(''),
      /** JSON of the changed fields; null when the action changes none. */
      diff: text('diff'),
    },
    (t) => [index('audit_at').on(t.at), uniqueIndex('audit_chain').on(t.chain, t.number).where(sql`"chain" <> ''`)],
  ),
).with({
  copied: true,
  doctor: 'examined',
});
