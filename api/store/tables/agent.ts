import { declare } from './declare.ts';
import { fleet } from './fleet.ts';

/** The agents that have enrolled. */
export const agent = declare((columns) => {
  const { table, text, integer, index, foreignKey } = columns;
  return table(
    'agent',
    {
      id: text('id').primaryKey(),
      fleet: text('fleet').notNull(),
      name: text('name').notNull(),
      /** Ed25519, the base64 of 32 bytes. */
      publicKey: text('public_key').notNull(),
      /** The number of credentials that the agent got. Each renewal adds 1. */
      generation: integer('generation').notNull(),
      /** The random text of the last renewal, by which a repeated request is recognized. */
      nonce: text('nonce'),
      /** The latest time at which the agent signed a renewal that was accepted. A repetition must be signed later. */
      signedAt: integer('signed_at'),
      /** The hash of the current credential. Null before the first one. */
      hash: text('hash').unique(),
      version: text('version').notNull(),
      createdAt: integer('created_at').notNull(),
      renewedAt: integer('renewed_at'),
      expiresAt: integer('expires_at'),
      lapsesAt: integer('lapses_at').notNull(),
      /** The caller who created the enrolment that the agent used; null for agents of earlier versions. */
      enrolledBy: text('enrolled_by'),
      stoppedAt: integer('stopped_at'),
      stopReason: text('stop_reason'),
    },
    (t) => [
      foreignKey({ columns: [t.fleet], foreignColumns: [fleet.define(columns).name] }).onDelete('cascade'),
      index('agent_fleet').on(t.fleet, t.id),
      index('agent_lapses').on(t.lapsesAt),
    ],
  );
}).with({
  fleet: 'cascaded',
  copied: true,
  doctor: 'not examined: an agent without a fleet gets no feed',
});
