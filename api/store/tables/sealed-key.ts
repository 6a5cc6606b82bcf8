import { declare } from './declare.ts';

export const sealedKey = declare(({ table, text, primaryKey }) =>
  table(
    'sealed_key',
    {
      tenant: text('tenant').notNull(),
      id: text('id').notNull(),
      keyId: text('key_id').notNull(),
      sealed: text('sealed').notNull(),
    },
    (t) => [primaryKey({ columns: [t.tenant, t.id] })],
  ),
).with({
  tenant: 'deleted',
  copied: true,
  doctor: 'examined',
});
