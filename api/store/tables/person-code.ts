import { declare } from './declare.ts';
import { person } from './person.ts';

/** Codes that were sent by mail. Each can be used once. */
export const personCode = declare((columns) => {
  const { table, text, integer, index, foreignKey } = columns;
  return table(
    'person_code',
    {
      /** The SHA-256 of the code, in hex. */
      hash: text('hash').primaryKey(),
      /** What the code permits: `sign-up`, `reset`, `email` or `prove`. */
      purpose: text('purpose').notNull(),
      /** The person that the code is for. Null in a code for a sign-up. */
      person: text('person'),
      /** The address to which the code was sent. */
      email: text('email').notNull(),
      /** The name and the hash of the password of a person who signs up. */
      name: text('name'),
      password: text('password'),
      createdAt: integer('created_at').notNull(),
      expiresAt: integer('expires_at').notNull(),
    },
    (t) => [
      foreignKey({ columns: [t.person], foreignColumns: [person.define(columns).id] }).onDelete('cascade'),
      index('person_code_email').on(t.email),
      index('person_code_person').on(t.person),
      index('person_code_expires').on(t.expiresAt),
    ],
  );
}).with({
  copied: true,
  doctor: 'not examined: it expires',
  // A code that was used after the backup must not become valid again.
  isEmptiedByRestore: true,
});
