import { declare } from './declare.ts';

/**
 * A table with one row per id of a sealing key. The row contains a constant that the key of this id sealed at its first
 * start, so that no process starts with another key of the same id.
 */
export const sealingCheck = declare(({ table, text }) =>
  table('sealing_check', {
    keyId: text('key_id').primaryKey(),
    sealed: text('sealed').notNull(),
  }),
).with({
  copied: true,
  doctor: 'examined',
});
