import { declarations, tableNames } from '../store/tables/index.ts';
import { sqlName } from './tables.ts';

/** More than the number of events that a feed can have issued since a backup was made. */
const FAR_AHEAD = 1_000_000_000;

/**
 * Raises the numbers of all feeds after a restore. Otherwise, feeds would issue the numbers that they issued since the
 * backup a second time, for other changes. Agents that have seen these numbers would miss the changes. Every agent gets
 * a snapshot afterwards.
 */
export const ADVANCE: readonly string[] = [
  ...tableNames
    .filter((name) => declarations[name].facts.isEmptiedByRestore)
    .map((name) => `delete from ${sqlName(name)}`),
  `update fleet set seq = seq + ${FAR_AHEAD}, floor = seq + ${FAR_AHEAD}`,
];
