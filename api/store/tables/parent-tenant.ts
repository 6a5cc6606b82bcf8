import { declare } from './declare.ts';

/** The tenants whose routes may delegate to routes of a tenant. */
export const parentTenant = declare(({ table, text, index, primaryKey }) =>
  table(
    'parent_tenant',
    {
      tenant: text('tenant').notNull(),
      /** The tenant that `parents` of a route names. It need not exist. */
      parent: text('parent').notNull(),
    },
    (t) => [primaryKey({ columns: [t.tenant, t.parent] }), index('parent_tenant_parent').on(t.parent)],
  ),
).with({ tenant: 'deleted', copied: true, doctor: 'examined' });
