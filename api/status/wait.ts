import type { Services } from '../context.ts';
import { changedUnserved } from './changed-unserved.ts';
import { progress, type RevisionState } from './progress.ts';

export type { RevisionState } from './progress.ts';

/** How often to look for reports to other API processes, in ms. Reports to this process wake the wait at once. */
const LOOK_AGAIN_MS = 500;

const final: ReadonlySet<RevisionState> = new Set(['live', 'rejected', 'superseded', 'unserved']);

/**
 * Waits until a revision is live, rejected or superseded, until no fleet serves what it changed, or until the time is
 * up. Returns its state then.
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
