import { declare } from './declare.ts';

/** Challenges that authenticators sign. Each can be used once. */
export const passkeyChallenge = declare(({ table, text, integer, index }) =>
  table(
    'passkey_challenge',
    {
      /** The SHA-256 of the challenge, in hex. */
      hash: text('hash').primaryKey(),
      /** What a signature over the challenge permits: `add`, `sign-in` or `prove`. */
      purpose: text('purpose').notNull(),
      /** The session that requested the challenge. Null before a person has signed in. */
      session: text('session'),
      expiresAt: integer('expires_at').notNull(),
    },
    (t) => [index('passkey_challenge_expires').on(t.expiresAt)],
  ),
).with({
  copied: true,
  doctor: 'not examined: it expires within minutes',
  // A challenge that was used after the backup must not become valid again.
  isEmptiedByRestore: true,
});
