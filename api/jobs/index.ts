import { checkDomains } from './check-domains.ts';
import { expireEndpoints } from './expire-endpoints.ts';
import { expirePeople } from './expire-people.ts';
import type { Job } from './job.ts';
import { obtainCertificates } from './obtain-certificates.ts';
import { pruneFeeds } from './prune-feeds.ts';
import { pruneHistory } from './prune-history.ts';
import { purgeTenants } from './purge-tenants.ts';
import { sendMail } from './send-mail.ts';
import { warnCertificates } from './warn-certificates.ts';

/** All jobs. Timers run them on Node, and a cron trigger runs them on Workers. */
export const jobs: readonly Job[] = [
  checkDomains,
  expireEndpoints,
  expirePeople,
  pruneFeeds,
  pruneHistory,
  purgeTenants,
  sendMail,
  warnCertificates,
  obtainCertificates,
];
