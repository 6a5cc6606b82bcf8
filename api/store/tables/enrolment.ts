import { declare } from './declare.ts';
import { fleet } from './fleet.ts';

/** The one-time tokens with which agents enrol. */
export const enrolment = declare((columns) => {
  const { table, text, integer, index, foreignKey } = columns;
  return table(
    'enrolment',
    {
      id: text('id').primaryKey(),
      hash: text('hash').notNull().unique(),
      fleet: text('fleet').notNull(),
      description: text('description').notNull(),
      /** The caller who created the enrolment, as the audit log names it; null for enrolments of earlier versions. */
      createdBy: text('created_by'),
      createdAt: integer('created_at').notNull(),
      expiresAt: integer('expires_at').notNull(),
      usedAt: integer('used_at'),
      revokedAt: integer('revoked_at'),
      /** The id of the agent that used the token. */
      agent: text('agent'),
    },
    (t) => [
      foreignKey({ columns: [t.fleet], foreignColumns: [fleet.define(columns).name] }).onDelete('cascade'),
      index('enrolment_fleet').on(t.fleet, t.id),
      index('enrolment_expires').on(t.expiresAt),
    ],
  );
}).with({
  // The foreign key deletes the rows, so that no token of a removed fleet enrols an agent of a later fleet of the same
  // name.
  fleet: 'cascaded',
  copied: true,
  doctor: 'not examined: a token without a fleet enrols nobody',
});
