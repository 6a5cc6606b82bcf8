import type { Services } from '../context.ts';
import { nextHeldCheck, nextPendingCheck } from '../domains/schedule.ts';
import type { Audit } from '../store/audit.ts';
import type { Domain } from '../store/domains.ts';
import { lookForProof, type Seen } from './proof.ts';
import { messagesTo } from './warn.ts';

/** The name of the job that checks domains, and the author of what it changes. */
export const CHECK_DOMAINS = 'check-domains';

/** A domain whose name servers cannot be reached is released after this many times the grace period. */
const UNDECIDED = 4;

/** What a check changes, for the audit log. */
type Change = 'prove' | 'miss' | 'release' | 'check';

export type AuditOf = (change: Change) => Audit | undefined;

/**
 * Looks for the proof of a domain, and writes the result.
 *
 * @param auditOf makes the audit entry of the result; undefined when it needs none
 * @returns what the check changed; undefined when the claim changed meanwhile
 */
export async function examine(services: Services, domain: Domain, auditOf: AuditOf): Promise<Change | undefined> {
  const { dns, settings, clock } = services;
  const seen = await lookForProof(dns, settings, domain);
  const now = clock();
  return seen.result === 'found'
    ? found(services, domain, seen, now, auditOf)
    : missed(services, domain, seen, now, auditOf);
}

async function found(
  services: Services,
  domain: Domain,
  seen: Seen,
  now: number,
  auditOf: AuditOf,
): Promise<Change | undefined> {
  const { store, settings } = services;
  const { tenant, name, token } = domain;
  const [holder] = await store.domains.holders([name]);
  const other = holder && holder.tenant !== tenant ? await store.domains.find(holder.tenant, name) : undefined;
  // The owner of the domain has to say which of the two it means.
  const isTied = other !== undefined && seen.alsoHas(other);
  if (isTied) return missed(services, domain, { ...seen, reason: TIED }, now, auditOf);
  const change: Change = domain.isHeld ? 'check' : 'prove';
  const outcome = await store.domains.prove(
    {
      ...{ tenant, name, token, at: now, nextCheckAt: nextHeldCheck(settings, now, false) },
      from: other && {
        ...{ tenant: other.tenant, reason: LOST, audit: jobAudit('lose', other, now) },
        mails: await messagesTo(services, other, { template: 'domain-released', reason: LOST }),
      },
    },
    auditOf(change),
  );
  if (outcome === 'taken') return missed(services, domain, { ...seen, reason: TAKEN }, now, auditOf);
  return outcome === 'proven' ? change : undefined;
}

const TIED =
  'the record was found, but the name servers also have the record of the tenant that holds the domain: delete it';
const LOST = 'another tenant has proven the domain, and the name servers no longer have the record of this tenant';
const GONE = 'the DNS record that proves it was not found during the grace period';
const TAKEN = 'the record was found, but other tenants have proven hosts or domains below it';

async function missed(
  services: Services,
  domain: Domain,
  { result, reason }: Seen,
  now: number,
  auditOf: AuditOf,
): Promise<Change | undefined> {
  const { store, settings } = services;
  const { tenant, name, token, isHeld, missingSince, failures, createdAt, provenAt } = domain;
  const written = { tenant, name, token, at: now, reason };
  const pending = nextPendingCheck(now, Math.max(createdAt, provenAt ?? 0), failures + 1);
  if (!isHeld)
    return (await store.domains.miss({ ...written, nextCheckAt: pending }, auditOf('check'))) ? 'check' : undefined;
  const term = settings.domainGrace * (result === 'undecided' ? UNDECIDED : 1);
  if (missingSince !== null && now - missingSince >= term) {
    const mails = await messagesTo(services, domain, { template: 'domain-released', reason: GONE });
    const released = { ...written, nextCheckAt: pending, missingSince, mails };
    const audit = auditOf('release') ?? jobAudit('release', domain, now);
    return (await store.domains.release(released, audit)) ? 'release' : undefined;
  }
  const change: Change = missingSince === null ? 'miss' : 'check';
  const nextCheckAt = nextHeldCheck(settings, now, true);
  const mails =
    change === 'miss' ? await messagesTo(services, domain, { template: 'domain-unproven', releaseAt: now + term }) : [];
  return (await store.domains.miss({ ...written, nextCheckAt, mails }, auditOf(change))) ? change : undefined;
}

/** Makes an entry of the audit log of the tenant that a domain concerns, about something that no caller did. */
export const jobAudit = (action: string, { tenant, name }: Pick<Domain, 'tenant' | 'name'>, at: number): Audit => ({
  actor: `job:${CHECK_DOMAINS}`,
  action,
  target: `tenants/${tenant}/domains/${name}`,
  at,
  requestId: '',
  remote: '',
});
