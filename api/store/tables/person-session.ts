import { declare } from './declare.ts';
import { person } from './person.ts';

export const personSession = declare((columns) => {
  const { table, text, integer, index, foreignKey } = columns;
  return table(
    'person_session',
    {
      id: text('id').primaryKey(),
      /** The SHA-256 of the session's secret, in hex. */
      hash: text('hash').notNull().unique(),
      person: text('person').notNull(),
      createdAt: integer('created_at').notNull(),
      expiresAt: integer('expires_at').notNull(),
      remote: text('remote').notNull(),
      userAgent: text('user_agent').notNull(),
      /** The name of the machine on which a command signed in. */
      name: text('name'),
      /**
       * How the person signed in: `password`, `company`, `passkey` or `device`. Null in sessions of earlier versions.
       */
      method: text('method'),
    },
    (t) => [
      foreignKey({ columns: [t.person], foreignColumns: [person.define(columns).id] }).onDelete('cascade'),
      index('person_session_person').on(t.person, t.createdAt),
      index('person_session_expires').on(t.expiresAt),
    ],
  );
}).with({
  copied: true,
  doctor: 'not examined: it expires',
  // A session that was revoked after the backup must not become valid again.
  isEmptiedByRestore: true,
});
