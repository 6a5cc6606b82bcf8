import type { Services } from '../context.ts';
import { changedUnserved } from './changed-unserved.ts';
import { progress, type RevisionState } from './progress.ts';

export type { RevisionState } from './progress.ts';

/**
 * The interval at which a wait reads reports that other API processes received, in milliseconds. A report to this process
 * ends the pause at once.
 */
const LOOK_AGAIN_MS = 500;

/** The states that end a wait. */
const final: ReadonlySet<RevisionState> = new Set(['live', 'rejected', 'superseded', 'unserved']);

/**
 * Waits until a revision is live, rejected, superseded or unserved, or until the time is over.
 *
 * @param seconds the maximum time to wait
 * @returns the state of the revision at the end of the wait
 */
export async function waitLive(
  services: Services,
  tenant: string,
  revision: number,
  seconds: number,
): Promise<RevisionState> {
  const nothingServed = changedUnserved(services, tenant, revision);
  const until = services.clock() + seconds * 1000;
  for (;;) {
    const woken = services.board.subscribe();
    const [reached, unserved] = await Promise.all([progress(services, tenant, revision), nothingServed]);
    const state = unserved ? 'unserved' : reached.state;
    const left = until - services.clock();
    if (final.has(state) || left <= 0 || services.feeds.closing.aborted) {
      woken.cancel();
      return state;
    }
    await woken.within(Math.min(left, LOOK_AGAIN_MS));
  }
}
