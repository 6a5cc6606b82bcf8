import type { Check } from './check.ts';
import { error, RESTORE } from './finding.ts';

/** Finds damage in a database file; on SQLite, also indexes that do not agree with their table. */
export const file: Check = {
  tables: [],
  async *run({ kit: { driver } }) {
    if (driver.damagePragma === undefined) return;
    const words = (await driver.all(`pragma ${driver.damagePragma}`, [])).map(([word]) => String(word));
    if (words[0] !== 'ok') yield error('the file', `it is damaged: ${words[0]}`, RESTORE);
  },
};
