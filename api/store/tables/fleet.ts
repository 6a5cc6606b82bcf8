import { declare } from './declare.ts';

export const fleet = declare(({ table, text, integer, index }) =>
  table(
    'fleet',
    {
      name: text('name').primaryKey(),
      labels: text('labels').notNull(),
      ports: text('ports').notNull(),
      /** Null when there are none. */
      portRanges: text('port_ranges'),
      address: text('address'),
      tenant: text('tenant'),
      /** `tenant` when the tenant created the fleet and manages it. Null: operators manage it. */
      managedBy: text('managed_by'),
      denyDestinations: text('deny_destinations').notNull(),
      createdAt: integer('created_at').notNull(),
      version: integer('version').notNull(),
      /**
       * The last feed number. It is a column and not a database sequence, because the lock on the row makes the order
       * of the feed equal to the order of the commits.
       */
      seq: integer('seq').notNull(),
      /** A reader whose cursor is below this number needs a snapshot. */
      floor: integer('floor').notNull(),
      /** The number of times that a node of the fleet was drained or undrained. Streams of the feed compare it. */
      drains: integer('drains').notNull().default(0),
    },
    (t) => [index('fleet_tenant').on(t.tenant)],
  ),
).with({
  tenant: 'kept',
  copied: true,
  doctor: 'examined',
});
