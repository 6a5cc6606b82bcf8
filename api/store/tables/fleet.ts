import { declare } from './declare.ts';

export const fleet = declare(({ table, text, integer }) =>
  table('fleet', {
    name: text('name').primaryKey(),
    labels: text('labels').notNull(),
    ports: text('ports').notNull(),
    address: text('address'),
    tenant: text('tenant'),
    denyDestinations: text('deny_destinations').notNull(),
    createdAt: integer('created_at').notNull(),
    version: integer('version').notNull(),
    /** The last feed number assigned. A row, not a sequence: its lock makes commit order feed order. */
    seq: integer('seq').notNull(),
    /** A cursor below it needs a snapshot. */
    floor: integer('floor').notNull(),
  }),
).with({
  tenant: 'kept',
  copied: true,
  doctor: 'examined',
});
