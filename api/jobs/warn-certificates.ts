import { enumerate } from '../../model/values/quote.ts';
import { warningDue } from '../certificates/expiry.ts';
import type { Services } from '../context.ts';
import { everyPage } from '../every-item.ts';
import type { Job } from './job.ts';

const HOUR = 60 * 60 * 1000;

interface Due {
  name: string;
  notAfter: string;
  fingerprint: string;
  /** The time since when the warning is due. */
  since: number;
}

/**
 * Sends a message to the owners and gateway admins of a tenant when certificates are about to expire: 21 days, 7 days
 * and 1 day before. One message is about all certificates of the tenant for which a warning is due.
 */
export const warnCertificates: Job = {
  name: 'warn-certificates',
  interval: () => HOUR,
  async run(services, signal) {
    const { store, clock } = services;
    const now = clock();
    for await (const tenants of everyPage(
      (page) => store.tenants.list(page),
      ({ name }) => name,
    )) {
      if (signal.aborted) return;
      const found = await store.certificates.ofTenants(tenants.map(({ name }) => name));
      for (const [tenant, rows] of Map.groupBy(found, (row) => row.tenant)) {
        const due = rows.flatMap(({ name, info }): Due[] => {
          const since = warningDue(info, now);
          return since === undefined
            ? []
            : [{ name, notAfter: info.notAfter, fingerprint: info.fingerprintSha256, since }];
        });
        if (due.length > 0 && !signal.aborted) await warn(services, tenant, due);
      }
    }
  },
};

async function warn({ store, mail }: Services, tenant: string, due: readonly Due[]): Promise<void> {
  const values = {
    tenant,
    certificates: enumerate(due.map(({ name }) => name)),
    expiresOn: due.map(({ notAfter }) => notAfter).sort()[0]!,
  };
  const key = JSON.stringify([tenant, due.map(({ fingerprint, since }) => [fingerprint, since])]);
  const since = Math.max(...due.map((each) => each.since));
  for (const to of await store.members.keepers(tenant))
    await mail.queueOnce({ to, template: 'certificate-expires', values }, key, since);
}
