import { purge } from '../tenants/remove.ts';
import type { Job } from './job.ts';

/** The number of tenants that one query finds. */
const AT_ONCE = 50;
const NAME = 'purge-tenants';

/** Purges the deleted tenants whose grace period is over. */
export const purgeTenants: Job = {
  name: NAME,
  interval: ({ retention }) => retention,
  async run(services, signal) {
    const { store, settings, clock } = services;
    for (let isDone = false; !isDone; ) {
      const now = clock();
      const due = await store.tenants.deletedBy(now - settings.deletionGrace, AT_ONCE);
      isDone = due.length < AT_ONCE;
      for (const name of due) {
        if (signal.aborted) return;
        const tenant = await store.tenants.find(name);
        // Somebody has restored it meanwhile.
        if (tenant?.deletedAt === undefined) continue;
        const audit = {
          ...{ actor: `job:${NAME}`, action: 'purge', target: `tenants/${name}` },
          ...{ at: now, requestId: crypto.randomUUID(), remote: '' },
        };
        // The version is a guard: if the tenant was restored, nothing happens.
        if (!(await purge(services, tenant, audit))) isDone = true;
      }
    }
  },
};
