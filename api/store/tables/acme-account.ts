import { declare } from './declare.ts';

/** The account of the platform at each certificate authority. */
export const acmeAccount = declare(({ table, text }) =>
  table('acme_account', {
    directory: text('directory').primaryKey(),
    /** The URL of the account; empty until the authority has created it. */
    url: text('url').notNull(),
    /** The sealed private key of the account. */
    keyId: text('key_id').notNull(),
    sealed: text('sealed').notNull(),
  }),
).with({
  copied: true,
  doctor: 'not examined: without it, the next order makes another account',
});
