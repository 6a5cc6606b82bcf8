import { chainCounts } from '../../model/binding/chain-counts.ts';
import { udpSessions } from '../../model/binding/udp-sessions.ts';
import { mirrorClusters } from '../../model/matching/cluster-counts.ts';
import { registeredAmount, registeredChecks } from '../../model/registered-endpoints.ts';
import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import { type QuotaName, type Quotas, quotaNames, quotasOf } from '../quotas.ts';

/** The limit of one quota, and how much of it the tenant uses. */
interface QuotaUsage {
  limit: number;
  /** Absent for limits of a single host, and for limits of the rate of requests. */
  used?: number;
}

/**
 * Reads the limits of a tenant, and how much of them it uses.
 *
 * @throws Problem `not-found` when there is no such tenant
 */
export async function usage(
  ctx: Context,
  { tenant: name }: { tenant: string },
): Promise<{ plan: string; quotas: Record<string, QuotaUsage> }> {
  const { store, settings, fleets } = ctx.services;
  const tenant = await store.tenants.find(name);
  const counts = await store.plans.usage(name, ctx.now);
  if (!tenant || !counts) throw absent(`tenant ${name}`);
  const { plans } = await fleets.platform(ctx.now);
  const limits: Quotas = quotasOf(settings, plans.get(tenant.plan));
  const revisions = tenant.revision === 0 ? 0 : tenant.revision - tenant.oldest + 1;
  const used: Partial<Quotas> = { ...(await ofConfiguration(ctx, name)), ...counts, revisions };
  const quotas = quotaNames.map((quota): [QuotaName, QuotaUsage] => {
    const count = used[quota];
    return [quota, { limit: limits[quota], ...(count !== undefined && { used: count }) }];
  });
  return { plan: tenant.plan, quotas: Object.fromEntries(quotas) };
}

/** The seconds of an hour. */
const HOUR = 3600;

/** Counts what the head of a tenant has. */
async function ofConfiguration({ services, store }: Context, tenant: string): Promise<Partial<Quotas>> {
  const { head } = await services.heads.current(tenant);
  const groups = await store.endpoints.groups(tenant);
  const { configuration, amounts } = head;
  const { profiles, ...connections } = chainCounts(configuration);
  return {
    gateways: configuration.size('gateway'),
    routes: configuration.size('route'),
    rules: amounts.rules,
    upstreams: configuration.size('upstream'),
    certificates: configuration.size('certificate'),
    trustBundles: configuration.size('trustBundle'),
    gatewayHosts: amounts.gateway,
    routeHosts: amounts.route,
    endpoints: amounts.upstream + registeredAmount(configuration, groups),
    clusters: amounts.clusters + (amounts.mirrors > 0 ? mirrorClusters(configuration) : 0),
    checksPerSecond: Math.ceil((amounts.checks + registeredChecks(configuration, groups)) / HOUR),
    udpSessions: udpSessions(configuration),
    tlsProfiles: profiles,
    ...connections,
  };
}
