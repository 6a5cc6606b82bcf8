import { and, gt, inArray, sql } from 'drizzle-orm';
import type { Statement } from './driver.ts';
import { $, $int, first, guard, type Kit, locks, prepare } from './query.ts';
import { brokenGuard, violation } from './violation.ts';

/** What several attempts have in common, such as the address of a person. */
export interface AttemptKey {
  /** A SHA-256 in hex, so that the table contains no addresses. */
  key: string;
  /** The number of attempts per day without a delay. Each further one doubles the delay, up to 15 minutes. */
  free: number;
  /** Whether a success takes back its own attempt only, because many people share the key. */
  isShared?: true;
}

/**
 * Counts attempts to guess a secret. An attempt counts before its secret is compared, so that attempts that run at the
 * same time count too. An attempt that succeeds is taken back in the batch of its change.
 */
export interface SignInAttempts {
  /**
   * Counts an attempt for every key, in one batch.
   *
   * @returns undefined; or the time from which an attempt is permitted, when one of the keys has a delay. The attempt
   *   then does not count.
   */
  count(keys: readonly AttemptKey[], now: number): Promise<number | undefined>;
  /** Takes back a successful attempt that leads to no batch of its own. */
  undo(keys: readonly AttemptKey[]): Promise<void>;
}

const DAY = 24 * 60 * 60 * 1000;
/** The first delay and the longest one, in milliseconds. */
const FIRST = 1_000;
const LONGEST = 15 * 60_000;
/** The number of doublings after which the delay is the longest. */
const DOUBLINGS = Math.ceil(Math.log2(LONGEST / FIRST));

/** Makes the statements that take back a successful attempt, with the failed ones before it of keys of one person. */
export function takeBack({ db, t, x }: Kit): (keys: readonly AttemptKey[]) => Statement[] {
  const { key, failures } = t.signInAttempt;
  const listed = inArray(key, sql`(select item from ${x.items($('keys'))})`);
  const forget = prepare(db.delete(t.signInAttempt).where(listed));
  const reduce = prepare(
    db
      .update(t.signInAttempt)
      .set({ failures: sql`${failures} - 1`, until: 0 })
      .where(and(listed, gt(failures, 0))),
  );
  const list = (keys: readonly AttemptKey[]) => ({ keys: JSON.stringify(keys.map((each) => each.key)) });
  return (keys) => [
    forget.with(list(keys.filter(({ isShared }) => !isShared))),
    reduce.with(list(keys.filter(({ isShared }) => isShared))),
  ];
}

export function signInAttempts(kit: Kit): SignInAttempts {
  const { db, t, x, driver } = kit;
  const { key, failures, at, until } = t.signInAttempt;
  const hold = locks(kit);
  const back = takeBack(kit);
  const blocked = and(inArray(key, sql`(select item from ${x.items($('keys'))})`), gt(until, $('now')));
  const counted = sql`(case when ${at} < ${$int('fresh')} then 1 else ${failures} + 1 end)`;
  const beyond = sql`cast(${counted} - ${$int('free')} as integer)`;
  const delay = sql`(case when ${beyond} <= 0 then 0 when ${beyond} > ${sql.raw(String(DOUBLINGS))}
    then ${sql.raw(String(LONGEST))} else ${sql.raw(String(FIRST))} * (1 << (${beyond} - 1)) end)`;
  const q = {
    permitted: guard(kit, 'version', sql`not exists (select 1 from ${t.signInAttempt} where ${blocked})`),
    count: prepare(
      db
        .insert(t.signInAttempt)
        .values({ key: $('key'), failures: 1, at: $('now'), until: 0 })
        .onConflictDoUpdate({
          target: key,
          set: {
            failures: counted,
            at: sql`excluded.at`,
            until: sql`(case when ${beyond} <= 0 then 0 else excluded.at + ${delay} end)`,
          },
        }),
    ),
    until: prepare(
      db
        .select({ until: sql<number>`max(${until})` })
        .from(t.signInAttempt)
        .where(blocked),
    ),
  };

  return {
    async undo(keys) {
      await driver.batch([...hold({ alone: keys.map((each) => `attempt/${each.key}`) }), ...back(keys)]);
    },

    async count(keys, now) {
      const list = JSON.stringify(keys.map((each) => each.key));
      try {
        await driver.batch([
          ...hold({ alone: keys.map((each) => `attempt/${each.key}`) }),
          q.permitted.with({ keys: list, now }),
          ...keys.map(({ key, free }) => q.count.with({ key, free, now, fresh: now - DAY })),
        ]);
        return undefined;
      } catch (error) {
        if (brokenGuard(violation(error)) !== 'version') throw error;
        const row = await first(kit, q.until, { keys: list, now });
        // The delay may have been cleared since the batch.
        return Math.max(row?.until ?? 0, now + 1);
      }
    },
  };
}
