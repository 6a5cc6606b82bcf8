import { declarations, tableNames } from '../store/tables/index.ts';
import { sqlName } from './tables.ts';

/** Above every number that a feed can have given out since a backup was made. */
const FAR_AHEAD = 1_000_000_000;

/**
 * After a restore, feeds resume far above where they were. Otherwise numbers given out since the backup would be given
 * out again for other changes, and agents that have seen them would miss those. So every agent takes a snapshot.
 */
export const ADVANCE: readonly string[] = [
  ...tableNames
    .filter((name) => declarations[name].facts.isEmptiedByRestore)
    .map((name) => `delete from ${sqlName(name)}`),
  `update fleet set seq = seq + ${FAR_AHEAD}, floor = seq + ${FAR_AHEAD}`,
];
