import type { Check } from './check.ts';
import { error, RESTORE } from './finding.ts';

/** Finds damage in a database file, also indexes that do not agree with their table. */
export const file: Check = {
  tables: [],
  async *run({ dialect, kit: { driver } }) {
    if (dialect !== 'sqlite') return;
    const words = (await driver.all('pragma integrity_check', [])).map(([word]) => String(word));
    if (words[0] !== 'ok') yield error('the file', `it is damaged: ${words[0]}`, RESTORE);
  },
};
