import { AT_ONCE, repeat } from './batches.ts';
import type { Job } from './job.ts';

/** Deletes sessions and codes of people that have expired, and failed attempts to sign in that do not count any more. */
export const expirePeople: Job = {
  name: 'expire-people',
  interval: ({ retention }) => retention,
  async run({ store, clock }, signal) {
    await repeat(signal, () => store.people.expire(clock(), AT_ONCE));
  },
};
