import type { Services } from '../context.ts';
import type { NameRow } from '../store/automatic.ts';
import { ATTACHED_NAMES } from '../store/kept-names.ts';
import { accountOf, forgetAccount } from './account.ts';
import { attachNames } from './attached-names.ts';
import { type Account, Authority } from './authority.ts';
import { failed, type Outcome, postponed, SILENT } from './outcome.ts';
import { type Place, placeOf, refused } from './place.ts';
import { AcmeError, AttemptFailed } from './problem.ts';
import { wakeQueues } from './queue.ts';
import { type Desk, steps } from './steps.ts';

/** The number of names that one query reads, and the number that are worked on at a time. */
const AT_ONCE = 40;
const TOGETHER = 8;
/** How long one run continues with orders that are under way, in milliseconds. */
const RUN = 50_000;
/** How long a run waits for orders that are under way before it looks again, in milliseconds. */
const PAUSE = 200;
/** When a name is tried again after the authority did not answer, in milliseconds. */
const UNREACHABLE = 30_000;
/** How often names are woken that wait for an order, in milliseconds. */
const WAKE = 5_000;
/** A row that is due again within this time is under way. */
const SOON = 5_000;

const authorities = new WeakMap<Services, Authority>();

/**
 * Obtains and renews the certificates that are due. Each step of each name is stored, so that the next run resumes what
 * this one does not finish. A name that fails, or waits, does not hold up others.
 */
export async function obtain(services: Services, directory: string, signal: AbortSignal): Promise<void> {
  const { store, clock } = services;
  const authority = authorities.get(services) ?? new Authority(directory, clock);
  authorities.set(services, authority);
  let account: Promise<Account> | undefined;
  const desk: Desk = {
    services,
    authority,
    account: () => (account ??= accountOf(services, authority, directory)),
    full: new Set(),
    now: clock,
  };
  const end = Date.now() + RUN;
  let wakeAt = 0;
  while (!signal.aborted && Date.now() < end) {
    if (Date.now() >= wakeAt && !authority.isAway) {
      // After an attempt that got no answer, one name finds out whether the authority is back.
      await wakeQueues(services, clock(), authority.hasAnswered ? Number.POSITIVE_INFINITY : 1);
      desk.full.clear();
      wakeAt = Date.now() + WAKE;
    }
    const rows = await store.automatic.due(clock(), AT_ONCE);
    const queue = rows.values();
    const waiting: NameRow[] = [];
    let isUnderWay = false;
    const work = async () => {
      for (const row of queue) {
        if (signal.aborted) return;
        if (await advance(desk, row, waiting)) isUnderWay = true;
      }
    };
    await Promise.all(Array.from({ length: TOGETHER }, work));
    if (waiting.length > 0) await store.automatic.enqueue(waiting);
    if (!isUnderWay && !(await isAnySoon(services))) return;
    if (rows.length < AT_ONCE) await pause(signal);
  }
}

/** Whether a row is due within a few seconds. */
const isAnySoon = async ({ store, clock }: Services): Promise<boolean> =>
  (await store.automatic.due(clock() + SOON, 1)).length > 0;

/** Does the next step of a name. An error does not end the run, because the other names must go on. */
async function advance(desk: Desk, row: NameRow, waiting: NameRow[]): Promise<boolean> {
  try {
    return await advanceOne(desk, row, waiting);
  } catch (err) {
    const { tenant, name } = row;
    // The row stays due, so the next run tries again.
    desk.services.log.warn({ tenant, name, err }, 'the progress of a certificate could not be stored');
    return false;
  }
}

/**
 * Does the next step of a name, and stores its outcome.
 *
 * @param waiting gets the name if it must wait for an order, so that one batch stores all of these
 * @returns whether the name is under way
 */
async function advanceOne(desk: Desk, row: NameRow, waiting: NameRow[]): Promise<boolean> {
  const { services } = desk;
  if (row.wanted === 0) {
    await services.store.automatic.remove(row);
    return false;
  }
  if (row.name === ATTACHED_NAMES) {
    await attachNames(services, row, desk.now());
    return false;
  }
  const outcome = await outcomeOf(desk, row);
  if (outcome.queue !== undefined) {
    waiting.push({ ...row, ...outcome.change, queue: outcome.queue });
    return false;
  }
  await keep(desk, row, outcome);
  return (outcome.change.step ?? row.step) !== 'idle';
}

const pause = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, PAUSE);
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

async function outcomeOf(desk: Desk, row: NameRow): Promise<Outcome> {
  const now = desk.now();
  try {
    return await (steps[row.step] ?? steps.idle!)(desk, row);
  } catch (error) {
    if (error instanceof AcmeError && error.type === 'accountDoesNotExist')
      await forgetAccount(desk.services, desk.services.settings.acmeDirectory ?? '');
    if (error instanceof AcmeError && error.type === 'rateLimited')
      return postponed(now, `the authority accepts the order later: ${error.message}`, error.retryAt);
    if (error instanceof AcmeError) return failed(row, now, error.message, error.retryAt);
    desk.services.log.warn({ tenant: row.tenant, name: row.name, err: error }, 'a certificate could not be obtained');
    const isNetwork = error instanceof TypeError || (error as Error).name === 'TimeoutError';
    if (error instanceof AttemptFailed) return failed(row, now, `the attempt failed: ${error.message}`);
    if (!isNetwork) return failed(row, now, 'the attempt failed in Gatehouse; its operator finds the cause in the log');
    // The order stays, and the next attempt resumes it.
    return { change: { reason: SILENT, dueAt: now + UNREACHABLE } };
  }
}

async function keep(desk: Desk, row: NameRow, { change, keys = [], isForAgents, action }: Outcome): Promise<void> {
  const { services } = desk;
  const { store, feeds } = services;
  const now = desk.now();
  const audit = action === undefined ? undefined : auditOf(row, action, now);
  let place: Place | undefined;
  if (isForAgents) place = await placeOf(services, row, now);
  const announced = change.step === 'answering';
  const seqs = await store.automatic.change(row, change, {
    keys,
    ...(audit && { audit }),
    ...(place && { announce: place.announcement }),
  });
  if (!seqs) {
    if (place) await refused(services, place, row.tenant);
    return;
  }
  feeds.wake(seqs);
  if (!announced) return;
  const stored = { ...row, ...change, version: row.version + 1 };
  await store.automatic.change(stored, {
    announced: JSON.stringify(Object.fromEntries(seqs.map(({ fleet, seq }) => [fleet, seq]))),
  });
}

const auditOf = ({ tenant, certificate, name }: NameRow, action: string, at: number) => ({
  actor: 'job:acme',
  action,
  target: `tenants/${tenant}/certificates/${certificate}/names/${name}`,
  at,
  requestId: '',
  remote: '',
});
