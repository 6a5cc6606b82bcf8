import { declare } from './declare.ts';
import { person } from './person.ts';

/** The browsers in which people have signed in. Strangers cannot delay the sign-in of a person there. */
export const knownBrowser = declare((columns) => {
  const { table, text, integer, index, foreignKey } = columns;
  return table(
    'known_browser',
    {
      /** The SHA-256 of the secret in the browser's cookie, in hex. */
      hash: text('hash').primaryKey(),
      person: text('person').notNull(),
      /** The id of the session that began with the last sign-in. The session may have ended. */
      session: text('session').notNull(),
      createdAt: integer('created_at').notNull(),
      expiresAt: integer('expires_at').notNull(),
    },
    (t) => [
      foreignKey({ columns: [t.person], foreignColumns: [person.define(columns).id] }).onDelete('cascade'),
      index('known_browser_person').on(t.person, t.createdAt),
      index('known_browser_expires').on(t.expiresAt),
    ],
  );
}).with({
  copied: true,
  doctor: 'not examined: it expires',
  // A browser that was forgotten after the backup must not become known again.
  isEmptiedByRestore: true,
});
