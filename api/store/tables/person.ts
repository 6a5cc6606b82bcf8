import { declare } from './declare.ts';

export const person = declare(({ table, text, integer }) =>
  table('person', {
    id: text('id').primaryKey(),
    /** The address in its normal form, by which people sign in. A person proves it before the row is written. */
    email: text('email').notNull().unique(),
    emailVerified: integer('email_verified').notNull(),
    name: text('name').notNull(),
    image: text('image'),
    /** The role on the platform: `operator` or `support`. Null for everyone else. */
    role: text('role'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
  }),
).with({
  copied: true,
  doctor: 'examined',
});
