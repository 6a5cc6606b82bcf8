/** Above every number that a feed can have told since a backup was made. */
const FAR_AHEAD = 1_000_000_000;

/**
 * After a restore: feeds go on far above where they were. Numbers told since the backup would else be told again of other changes, and agents that have
 * seen them would miss those. So every agent takes a snapshot.
 */
export const ADVANCE: readonly string[] = [
  'delete from feed',
  `update fleet set seq = seq + ${FAR_AHEAD}, floor = seq + ${FAR_AHEAD}`,
  'delete from node',
];
