import { declare } from './declare.ts';
import { person } from './person.ts';

/** Requests of commands to sign a person in. A person approves one by the code that the command shows. */
export const deviceAuthorization = declare((columns) => {
  const { table, text, integer, index, foreignKey } = columns;
  return table(
    'device_authorization',
    {
      /** The SHA-256 of the code that the command keeps, in hex. */
      hash: text('hash').primaryKey(),
      /** The SHA-256 of the code that the person enters, in hex. */
      userHash: text('user_hash').notNull().unique(),
      /** The name of the machine, as the command states it. */
      name: text('name').notNull(),
      /** The address of the command. */
      remote: text('remote').notNull(),
      /** `pending`, `approved` or `denied`. */
      state: text('state').notNull(),
      /** The person who decided. Null until then. */
      person: text('person'),
      /** The id of the session in which the person decided. Null until then. */
      session: text('session'),
      /** The shortest time between two questions of the command, in milliseconds. */
      pollEvery: integer('poll_every').notNull(),
      /** When the command may ask again. */
      pollFrom: integer('poll_from').notNull(),
      createdAt: integer('created_at').notNull(),
      expiresAt: integer('expires_at').notNull(),
    },
    (t) => [
      foreignKey({ columns: [t.person], foreignColumns: [person.define(columns).id] }).onDelete('cascade'),
      index('device_authorization_person').on(t.person),
      index('device_authorization_expires').on(t.expiresAt),
    ],
  );
}).with({
  copied: true,
  doctor: 'not examined: it expires',
  // A code that was used after the backup must not become valid again.
  isEmptiedByRestore: true,
});
