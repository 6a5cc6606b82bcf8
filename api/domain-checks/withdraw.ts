import type { SpecOf } from '../../model/kinds/index.ts';
import type { HostPattern } from '../../model/values/host.ts';
import { sendsHost } from '../../model/values/protocol.ts';
import { Context, type Services } from '../context.ts';
import { isProven } from '../domains/proven.ts';
import { Problem } from '../problem.ts';
import { settled } from '../publishing/attempt.ts';
import { commit } from '../publishing/commit.ts';
import type { Put } from '../publishing/heads/head.ts';
import { nowhere } from '../publishing/placement.ts';
import { othersOf } from '../publishing/sharing/owners.ts';
import { isClaiming } from '../serving/serving.ts';
import type { DomainKey } from '../store/domains.ts';
import { CHECK_DOMAINS } from './examine.ts';

type Gateway = SpecOf<'gateway'>;

/** The number of hosts of other tenants that are withdrawn at a time. */
const AT_ONCE = 1000;

/**
 * The host of a server whose hosts were all withdrawn. It is a public suffix, so nobody claims it and no shared fleet
 * serves it, and the routes and certificates of the server stay as they are.
 */
const WITHDRAWN = 'withdrawn';

/**
 * Withdraws the hosts of a domain that other tenants have without a proof of their own, so that the tenant that has proven
 * the domain can use them. Each of the other tenants gets a revision without these hosts, by the job. It does nothing when
 * there are no such hosts. When it fails or is interrupted, the job does the rest.
 */
export async function withdrawRivals(services: Services, domain: DomainKey): Promise<void> {
  const { store, log } = services;
  const rivals = await store.domains.rivals(domain.tenant, domain.name, AT_ONCE);
  let isDone = rivals.length < AT_ONCE;
  for (const [tenant, claims] of Map.groupBy(rivals, (each) => each.tenant)) {
    const lost = new Set<HostPattern>();
    for (const { host } of claims) if (!(await isProven(services, tenant, host))) lost.add(host);
    if (lost.size === 0) continue;
    try {
      await withdraw(services, tenant, domain.name, lost);
    } catch (err) {
      isDone = false;
      log.warn({ err, domain: domain.name, tenant }, 'hosts of a proven domain could not be withdrawn from a tenant');
    }
  }
  if (isDone) await store.domains.cleared(domain);
}

/** Publishes a revision of a tenant without some hosts. The gates do not judge it: nothing in it may prevent it. */
async function withdraw(
  services: Services,
  tenant: string,
  domain: string,
  hosts: ReadonlySet<HostPattern>,
): Promise<void> {
  const ctx = new Context(services, { type: 'job', id: CHECK_DOMAINS }, '', '', {}, undefined);
  await settled(ctx, { tenant }, async (attempt) => {
    const head = await attempt.load();
    const fleets = await services.fleets.current(attempt.now);
    const changes = [...head.configuration.entries('gateway')].flatMap(([name, before]): Put[] => {
      const spec = isClaiming(fleets.all, tenant, before) ? without(before, hosts) : before;
      return spec === before ? [] : [{ verb: 'put', kind: 'gateway', name, spec }];
    });
    const { next, effective } = await head.with(changes, attempt.now, services.sha256);
    if (effective.length === 0) return attempt.confirm();
    const others = await othersOf(services.heads, head.configuration, next.configuration, effective);
    const judged = {
      head,
      next,
      changes,
      effective,
      others,
      fleets,
      placed: nowhere,
      subject: 'whole',
      purpose: 'write',
    } as const;
    const message = `another tenant has proven ${domain}`;
    await commit(attempt, judged, { keys: [], message, restores: undefined, reply: undefined });
  }).catch((error: unknown) => {
    // The tenant was removed meanwhile.
    if (!(error instanceof Problem && error.code === 'not-found')) throw error;
  });
}

function without(gateway: Gateway, lost: ReadonlySet<HostPattern>): Gateway {
  let isSame = true;
  const servers = gateway.servers.map((server) => {
    const hosts = sendsHost(server.port.protocol) ? server.hosts.filter((host) => !lost.has(host)) : server.hosts;
    if (hosts.length === server.hosts.length) return server;
    isSame = false;
    return { ...server, hosts: hosts.length > 0 ? hosts : [WITHDRAWN] };
  });
  return isSame ? gateway : { ...gateway, servers };
}
