import type { NameChange, NameRow } from '../store/automatic.ts';
import type { SealedKey } from '../store/keys.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** What a step found: how the row of a name changes. */
export interface Outcome {
  change: NameChange;
  /** The queue in which the name waits. Nothing but the reason changes then. */
  queue?: string;
  keys?: readonly SealedKey[];
  /** Whether agents must get the name again. */
  isForAgents?: boolean;
  /** The action for the audit log; absent for a step that changes nothing for the tenant. */
  action?: string;
}

/** Why a name waits while the authority cannot be reached. */
export const SILENT = 'the authority does not answer';

/** Nothing of an order that ended is kept. */
export const ended = {
  step: 'idle',
  orderUrl: null,
  method: null,
  challengeUrl: null,
  token: null,
  answer: null,
  announced: null,
  nextKey: null,
} as const;

/**
 * How long after a failed attempt the next one is made, in milliseconds. Let’s Encrypt accepts five failures per name and
 * hour.
 *
 * @param failures the number of failed attempts, at least 1
 */
const backoff = (failures: number): number => Math.min(5 * MINUTE * 2 ** (failures - 1), 24 * HOUR);

/** An attempt failed. @param reason in words @param notBefore the authority accepts no earlier attempt */
export function failed(row: NameRow, now: number, reason: string, notBefore = 0): Outcome {
  const failures = row.failures + 1;
  const dueAt = Math.max(now + jittered(backoff(failures)), notBefore);
  return { change: { ...ended, reason, failures, dueAt }, isForAgents: isAnnounced(row), action: 'acme-failed' };
}

/** Whether agents may have the challenge of the row. */
const isAnnounced = ({ answer, method }: NameRow): boolean => answer !== null && method !== 'DNS-01';

/** The authority accepts the order later. Nothing is wrong with the name, so this is no failed attempt. */
export const postponed = (now: number, reason: string, retryAt = now + HOUR): Outcome => ({
  change: { ...ended, reason: `queued: ${reason}`, dueAt: Math.max(retryAt, now + SECOND) },
});

/** The name waits in a queue until an order is possible. Its place there depends on when it became due. */
export const queued = (queue: string, reason = ''): Outcome => ({ change: { reason }, queue });

/** Something outside the order is missing, which is checked again after a while: at first soon, then less often. */
export function waiting(row: NameRow, now: number, reason: string): Outcome {
  const isNew = row.reason !== reason;
  const failures = isNew ? 1 : Math.min(row.failures + 1, 10);
  return { change: { ...ended, reason, failures, dueAt: now + jittered(Math.min(15 * SECOND * 2 ** failures, HOUR)) } };
}

/** The step is not finished. */
export const later = (now: number, ms: number): Outcome => ({ change: { dueAt: now + ms } });

/** Spreads the next attempts of names that failed together. */
const jittered = (ms: number): number => Math.round(ms * (1 + Math.random() / 5));
