import { declare } from './declare.ts';
import { tenant } from './tenant.ts';

/** The members of tenants. A person has one role per tenant. */
export const member = declare((columns) => {
  const { table, text, integer, primaryKey, index, foreignKey } = columns;
  return table(
    'member',
    {
      tenant: text('tenant').notNull(),
      person: text('person').notNull(),
      role: text('role').notNull(),
      createdAt: integer('created_at').notNull(),
    },
    (t) => [
      primaryKey({ columns: [t.tenant, t.person] }),
      foreignKey({ columns: [t.tenant], foreignColumns: [tenant.define(columns).name] }).onDelete('cascade'),
      index('member_person').on(t.person, t.tenant),
    ],
  );
}).with({
  // The foreign key deletes the rows, so that no member of a removed tenant has access to a later one of the same name.
  tenant: 'cascaded',
  copied: true,
  doctor: 'examined',
});
