import type { Services } from '../context.ts';
import { momentOf } from '../endpoints/moment.ts';
import { write } from '../endpoints/write.ts';
import { Problem } from '../problem.ts';
import { Look } from '../publishing/heads/heads.ts';
import { LostRace } from '../publishing/heads/lost-race.ts';
import { type EndpointKey, EXPIRE_ENDPOINTS } from '../store/endpoints.ts';
import type { Job } from './job.ts';

/** The number of expired registrations that one query reads. */
const AT_ONCE = 500;

/**
 * Removes registrations that have expired, so that Envoys send them no more requests. After an outage, in which no
 * process could renew its registration, it removes none and gives all of them their whole time again.
 */
export const expireEndpoints: Job = {
  name: EXPIRE_ENDPOINTS,
  interval: ({ endpointExpiry }) => endpointExpiry,
  async run(services, signal) {
    const { store } = services;
    const { now, grace } = momentOf(services);
    if ((await store.endpoints.lastExpiry()) + grace < now) await store.endpoints.extend(now);
    for (;;) {
      const expired = await store.endpoints.expired(now, AT_ONCE);
      let isDone = expired.length < AT_ONCE;
      for (const [tenant, keys] of Map.groupBy(expired, (key) => key.tenant)) {
        if (signal.aborted) return;
        if (!(await removed(services, tenant, keys, now))) isDone = true;
      }
      if (isDone) return;
    }
  },
};

/** Removes expired registrations of a tenant. Returns false when another writer was faster; the next run retries. */
async function removed(services: Services, tenant: string, keys: EndpointKey[], now: number): Promise<boolean> {
  const basis = new Look(services.heads, tenant);
  try {
    await basis.load();
    await write(services, basis, { puts: [], removes: keys, expiredBy: now });
    return true;
  } catch (error) {
    if (error instanceof LostRace || (error instanceof Problem && error.code === 'not-found')) return false;
    throw error;
  }
}
