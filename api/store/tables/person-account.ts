import { declare } from './declare.ts';
import { person } from './person.ts';

/** The ways in which a person can sign in: a password, or an account at an OIDC provider. */
export const personAccount = declare((columns) => {
  const { table, text, integer, index, uniqueIndex, foreignKey } = columns;
  return table(
    'person_account',
    {
      id: text('id').primaryKey(),
      person: text('person').notNull(),
      /** `credential` for a password; otherwise the name of the OIDC provider. */
      provider: text('provider').notNull(),
      /** The id of the person at the provider; for a password, the id of the person here. */
      account: text('account').notNull(),
      /** The hash of the password, with the parameters of the hash. */
      password: text('password'),
      createdAt: integer('created_at').notNull(),
      updatedAt: integer('updated_at').notNull(),
    },
    (t) => [
      foreignKey({ columns: [t.person], foreignColumns: [person.define(columns).id] }).onDelete('cascade'),
      uniqueIndex('person_account_provider').on(t.provider, t.account),
      index('person_account_person').on(t.person),
    ],
  );
}).with({
  copied: true,
  doctor: 'not examined: a foreign key protects it',
});
