import { declare } from './declare.ts';

/** The hosts for which certificates with `acme` obtain certificates. They belong to no revision. */
export const automaticName = declare(({ table, text, integer, primaryKey, index }) =>
  table(
    'automatic_name',
    {
      tenant: text('tenant').notNull(),
      /** The host of a server. */
      name: text('name').notNull(),
      certificate: text('certificate').notNull(),
      challenge: text('challenge').notNull(),
      /** 1: a host that another tenant attaches to a shared gateway. `../wanted-names.ts` keeps the others. */
      attached: integer('attached').notNull().default(0),
      /** 0 after the configuration has dropped the name. The row is kept for a while, in case the name comes back. */
      wanted: integer('wanted').notNull(),
      /** What the next run does: `api/acme/steps`. */
      step: text('step').notNull(),
      /** Why the name has no certificate yet, or why its renewal failed, in words; empty when all is well. */
      reason: text('reason').notNull(),
      /** The number of attempts that failed since the last success. */
      failures: integer('failures').notNull(),
      dueAt: integer('due_at').notNull(),
      /** The queue in which the name waits for an order, as `api/acme/queue.ts` writes it; empty when it waits in none. */
      queue: text('queue').notNull().default(''),
      /** Counts the changes of the row. Guard: two runs that read the same row do not both change it. */
      version: integer('version').notNull(),
      /** The order at the authority, while one is open. */
      orderUrl: text('order_url'),
      orderedAt: integer('ordered_at'),
      /** How the open order is proven: a challenge that `challenge` allows. */
      method: text('method'),
      /** The challenge that Envoys answer, while the authority may ask for it. */
      challengeUrl: text('challenge_url'),
      token: text('token'),
      answer: text('answer'),
      /** The numbers of the feed rows with the challenge, by fleet, as JSON. */
      announced: text('announced'),
      /** The SHA-256 of the public key for which the open order gets a certificate. The private key is in `sealed_key`. */
      nextKey: text('next_key'),
      /** The current certificate, as PEM, and the id of its key. */
      chain: text('chain'),
      key: text('key'),
      notBefore: integer('not_before'),
      notAfter: integer('not_after'),
      renewAt: integer('renew_at'),
      issuedAt: integer('issued_at'),
    },
    (t) => [
      primaryKey({ columns: [t.tenant, t.name] }),
      index('automatic_name_due').on(t.queue, t.dueAt, t.tenant, t.name),
    ],
  ),
).with({
  tenant: 'deleted',
  copied: true,
  doctor: 'not examined: the next run of the job repeats what is missing',
});
