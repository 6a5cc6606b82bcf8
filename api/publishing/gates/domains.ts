import { hostsIn } from '../../../model/kinds/index.ts';
import { publicSuffix } from '../../../model/values/public-suffix.ts';
import { enumerate } from '../../../model/values/quote.ts';
import { resourceName } from '../../../model/violations.ts';
import type { Context } from '../../context.ts';
import { domainsOf } from '../../domains/name.ts';
import { defaultHost } from '../../domains/platform.ts';
import { domainsFor, type HostDomains, type RefusedHost } from '../domain-proofs.ts';
import { type Candidate, type Findings, type Gate, nothing } from './gate.ts';

/**
 * Requires that a tenant has proven the domain of each host that it adds on shared fleets. With
 * `GATEHOUSE_DOMAIN_PROOF=optional`, it only rejects hosts of domains that others hold. The batch of a write has guards on
 * these domains; when one has changed, the change is judged again.
 */
export const domains: Gate = {
  code: 'domain-not-proven',
  judge(candidate) {
    const { ctx, head, state, changes, fleets } = candidate;
    if (head === state) return nothing;
    const found = domainsFor(ctx.services, fleets.all, head, state, changes);
    return found instanceof Promise ? found.then((each) => findingsOf(each, candidate)) : findingsOf(found, candidate);
  },
};

function findingsOf({ refused }: HostDomains, candidate: Candidate): Findings {
  if (refused.length === 0) return nothing;
  const { ctx, head } = candidate;
  const errors = refused.map((each) => ({ ...placeOf(each, candidate), ...problemOf(each, head.tenant, ctx) }));
  const hosts = enumerate(refused.map(({ host }) => host));
  return refused.every(({ why }) => why === 'of the platform')
    ? {
        ...{ errors, warnings: [], code: 'reserved-host' },
        detail: `not a host of this tenant on the domain of the platform: ${hosts}`,
      }
    : { errors, warnings: [], detail: `needs a proven domain: ${hosts}` };
}

function problemOf(
  { host, why }: RefusedHost,
  tenant: string,
  { services: { settings } }: Context,
): { code: string; message: string; hint?: string } {
  if (why === 'of the platform')
    return {
      code: 'reserved-host',
      message: `${host} is on the domain of the platform, and not of this tenant`,
      hint: `this tenant has ${defaultHost(tenant, settings.platformDomain!)} and the names below it`,
    };
  // The messages never name the other tenant, nor its domain.
  if (why === 'above another tenant')
    return {
      code: 'domain-not-proven',
      message: `another tenant has proven a domain that ${host} covers`,
      hint: 'list the hosts that you need instead of the wildcard',
    };
  if (why === 'of another tenant')
    return {
      code: 'domain-not-proven',
      message: `another tenant has proven the domain of ${host}`,
      hint: hintOf(host, tenant),
    };
  return { code: 'domain-not-proven', message: `the domain of ${host} is not proven`, hint: hintOf(host, tenant) };
}

/** Names the shortest domain above a host that can be claimed. */
function hintOf(host: string, tenant: string): string {
  const domain = domainsOf(host).findLast((each) => publicSuffix(`*.${each}`) === undefined);
  return `claim ${domain} with POST /v1/tenants/${tenant}/domains, and add the record that the response contains`;
}

/** Finds the first place in the written resources that names a host. */
function placeOf({ host: wanted }: RefusedHost, { changes }: Candidate): { resource?: string; path: string } {
  for (const change of changes) {
    if (change.verb !== 'put') continue;
    for (const [host, path] of hostsIn(change.kind, change.spec))
      if (host === wanted) return { resource: resourceName(change.kind, change.name), path };
  }
  return { path: '' };
}
