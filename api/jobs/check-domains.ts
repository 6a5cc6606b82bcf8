import type { Services } from '../context.ts';
import { CHECK_DOMAINS, examine, jobAudit } from '../domain-checks/examine.ts';
import { withdrawRivals } from '../domain-checks/withdraw.ts';
import type { Domain } from '../store/domains.ts';
import type { Job } from './job.ts';

/** The number of domains that one query reads. */
const PAGE = 500;
/** The checks that run at the same time: of all tenants, and of one tenant, whose name servers may not answer. */
const [AT_ONCE, OF_ONE_TENANT] = [16, 2];
const MINUTE_MS = 60_000;

/** Checks the proofs of domains that are due. */
export const checkDomains: Job = {
  name: CHECK_DOMAINS,
  interval: ({ domainCheck }) => Math.min(domainCheck, MINUTE_MS),
  async run(services, signal) {
    const { store, clock } = services;
    const now = clock();
    const seen = new Set<string>();
    // Of processes that ended meanwhile, and where it failed.
    for (const domain of await store.domains.uncleared(PAGE))
      if (!signal.aborted) await withdrawRivals(services, domain);
    for (;;) {
      const due = await store.domains.due(now, PAGE);
      const fresh = due.filter(({ token }) => !seen.has(token));
      if (fresh.length === 0 || signal.aborted) return;
      for (const { token } of fresh) seen.add(token);
      await inTurns(fresh, (domain) => (signal.aborted ? Promise.resolve() : checkOne(services, domain)));
    }
  },
};

async function checkOne(services: Services, domain: Domain): Promise<void> {
  const { store, clock, log } = services;
  try {
    const now = clock();
    if (!(await store.domains.begin(domain, now, now))) return;
    // A check that changes nothing leaves no entry in the audit log.
    const auditOf = (change: string) => (change === 'check' ? undefined : jobAudit(change, domain, now));
    if ((await examine(services, domain, auditOf)) === 'prove') await withdrawRivals(services, domain);
  } catch (err) {
    log.warn({ err, domain: domain.name }, 'a domain could not be checked');
  }
}

/** Runs work for each domain: several at once, but few of one tenant. */
async function inTurns(domains: readonly Domain[], work: (domain: Domain) => Promise<void>): Promise<void> {
  const queues = [...Map.groupBy(domains, ({ tenant }) => tenant).values()];
  const lanes = queues.flatMap((queue) => Array.from({ length: Math.min(OF_ONE_TENANT, queue.length) }, () => queue));
  const worker = async () => {
    for (let lane = lanes.shift(); lane; lane = lanes.shift()) {
      const next = lane.shift();
      if (!next) continue;
      await work(next);
      lanes.push(lane);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
