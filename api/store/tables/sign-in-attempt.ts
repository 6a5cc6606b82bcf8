import { declare } from './declare.ts';

/** Failed attempts to sign in, and the time until which further attempts are rejected. */
export const signInAttempt = declare(({ table, text, integer, index }) =>
  table(
    'sign_in_attempt',
    {
      /** What the attempts have in common, such as an address of a person, as a SHA-256 in hex. */
      key: text('key').primaryKey(),
      failures: integer('failures').notNull(),
      at: integer('at').notNull(),
      until: integer('until').notNull(),
    },
    (t) => [index('sign_in_attempt_at').on(t.at)],
  ),
).with({
  copied: true,
  doctor: 'not examined: it expires within a day',
});
