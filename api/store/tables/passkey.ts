import { declare } from './declare.ts';
import { person } from './person.ts';

/** The passkeys with which people sign in. The table has only public keys. */
export const passkey = declare((columns) => {
  const { table, text, integer, index, foreignKey } = columns;
  return table(
    'passkey',
    {
      id: text('id').primaryKey(),
      person: text('person').notNull(),
      /** The id that the authenticator chose, in base64url. */
      credential: text('credential').notNull().unique(),
      name: text('name').notNull(),
      /** The COSE key, in base64url. */
      publicKey: text('public_key').notNull(),
      /** The number of signatures so far, as the authenticator counts them; 0 when it does not count. */
      counter: integer('counter').notNull(),
      /** How browsers reach the authenticator, as a JSON array, such as `["internal"]`. */
      transports: text('transports').notNull(),
      syncable: integer('syncable').notNull(),
      synced: integer('synced').notNull(),
      createdAt: integer('created_at').notNull(),
      lastUsedAt: integer('last_used_at'),
    },
    (t) => [
      foreignKey({ columns: [t.person], foreignColumns: [person.define(columns).id] }).onDelete('cascade'),
      index('passkey_person').on(t.person, t.createdAt),
    ],
  );
}).with({
  copied: true,
  doctor: 'not examined: a foreign key protects it',
});
