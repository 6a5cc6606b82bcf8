import { denial } from '../../model/fleet.ts';
import type { Endpoint, Upstream } from '../../model/kinds/upstream.ts';
import {
  MOST_ENDPOINTS,
  type RegisteredGroup,
  registeredAmount,
  withRegistered,
} from '../../model/registered-endpoints.ts';
import { wrongIn } from '../../model/upstream/rules.ts';
import { milliseconds } from '../../model/values/duration.ts';
import { objectDiff } from '../audit/diff.ts';
import type { Context } from '../context.ts';
import { absent, Problem, type ProblemViolation } from '../problem.ts';
import { looking } from '../publishing/attempt.ts';
import { checksIn, hasTooMany, tooMany } from '../publishing/gates/check-quota.ts';
import type { Head } from '../publishing/heads/head.ts';
import { requireOpen } from '../publishing/publish.ts';
import { knownFleets } from '../publishing/sharing/known-fleets.ts';
import { type Quotas, quotasOf } from '../quotas.ts';
import type { EndpointKey, RegisteredEndpoint } from '../store/endpoints.ts';
import { inTurn } from './at-once.ts';
import { momentOf } from './moment.ts';
import type { Registration } from './schema.ts';
import { view } from './view.ts';
import { write } from './write.ts';

/**
 * Registers an endpoint of an upstream, or renews its registration. A renewal with the same content is one statement
 * that takes no lock and writes no feed row.
 *
 * @param signal aborted when the client disconnects
 * @throws Problem `not-found` when the tenant or the upstream does not exist
 * @throws Problem `dns-upstream` when the upstream has `dns: logical`, which needs exactly one endpoint
 * @throws Problem `request-timeout` when the client has disconnected
 * @throws Problem `invalid-request` when a fleet sends nothing to the address, or when the upstream would violate a
 *   limit with this endpoint
 */
export async function put(
  ctx: Context,
  { ttl: term, ...endpoint }: Registration,
  key: EndpointKey,
  signal: AbortSignal,
): Promise<{ endpoint: Omit<RegisteredEndpoint, 'labels'>; created: boolean }> {
  const { endpoints } = ctx.store;
  const ttl = milliseconds(term)!;
  const content = { ...key, endpoint: JSON.stringify(endpoint), ttl, expiresAt: ctx.now + ttl };
  const registeredAt = await endpoints.renew(content, momentOf(ctx.services));
  if (registeredAt !== undefined) return { endpoint: { ...content, registeredAt }, created: false };
  const row = { ...content, labels: JSON.stringify(endpoint.labels ?? {}), registeredAt: ctx.now };
  const change = () =>
    looking(ctx, key.tenant, async (basis) => {
      const head = await basis.load();
      requireOpen(head);
      const before = await endpoints.find(key, momentOf(ctx.services));
      const registered = await requireAccepted(ctx, head, key, endpoint, before);
      const audit = {
        ...ctx.audit('register', `tenants/${key.tenant}/upstreams/${key.upstream}/endpoints/${key.id}`),
        diff: objectDiff(before ? given(before) : {}, given(row)),
      };
      await write(ctx.services, basis, { puts: [row], removes: [], audit, registered });
      return { endpoint: row, created: before === undefined };
    });
  return inTurn(ctx, key, signal, change);
}

/** Returns the registration as the request contains it, for the audit log. */
function given(row: RegisteredEndpoint): object {
  const { id: _, registeredAt, expiresAt, ...registration } = view(row);
  return registration;
}

/**
 * Checks an endpoint with the upstream and the other registered endpoints.
 *
 * @returns the number of registered endpoints that the tenant may have before the change, for the guard of the batch
 */
async function requireAccepted(
  ctx: Context,
  head: Head,
  { tenant, upstream: name }: EndpointKey,
  endpoint: Endpoint,
  before: RegisteredEndpoint | undefined,
): Promise<number> {
  const upstream = head.configuration.get('upstream', name);
  if (!upstream) throw absent(`upstreams/${name} in the tenant ${tenant}`);
  if (upstream.dns === 'logical')
    throw new Problem('dns-upstream', {
      detail: `upstreams/${name} has dns: logical, which needs exactly one endpoint; endpoints can be registered at upstreams with dns: strict`,
    });
  const groups = await ctx.store.endpoints.groups(tenant);
  const registered = groups.reduce((sum, { count }) => sum + count, 0);
  const violations = [
    ...(await denied(ctx, head, endpoint)),
    ...(await beyondLimits(ctx, head, groups, name, upstream, endpoint, before)),
  ];
  if (violations.length > 0) throw new Problem('invalid-request', { violations });
  const { endpoints: limit } = await limitsNow(ctx, head);
  const amount = registeredAmount(head.configuration, groups);
  const left = Math.min(limit / 2 - amount, limit - amount - head.amounts.upstream);
  // Others may register endpoints at the same time, and each of them counts as often as its upstream has subsets.
  let most = 1;
  for (const [, { subsets = [] }] of head.configuration.entries('upstream')) most = Math.max(most, 1 + subsets.length);
  return registered + Math.max(0, Math.floor(left / most));
}

/** Returns the violation by an address to which a fleet that serves the tenant sends nothing. */
async function denied(ctx: Context, head: Head, { address }: Endpoint): Promise<ProblemViolation[]> {
  const { all } = await ctx.services.fleets.of(head.tenant, ctx.now);
  const known = await knownFleets(ctx.services, all, head.tenant, head.configuration);
  const message = known.map((fleet) => denial(fleet, address)).find((reason) => reason !== undefined);
  return message === undefined ? [] : [violation('/address', 'destination-denied', message)];
}

/** Returns the violations of the limits for the endpoints of the upstream and of the tenant. */
async function beyondLimits(
  ctx: Context,
  head: Head,
  groups: RegisteredGroup[],
  name: string,
  upstream: Upstream,
  endpoint: Endpoint,
  before: RegisteredEndpoint | undefined,
): Promise<ProblemViolation[]> {
  const checksBefore = checksIn(head, groups);
  if (before) {
    const old = groups.find((each) => each.upstream === name && JSON.stringify(each.labels) === before.labels);
    if (old) old.count--;
  }
  groups.push({ upstream: name, labels: endpoint.labels ?? {}, count: 1 });
  const whole = withRegistered(upstream, name, groups);
  const found: ProblemViolation[] = [];
  if (whole.endpoints.length > MOST_ENDPOINTS)
    found.push(
      violation(
        '',
        'too-many-endpoints',
        `an upstream has at most ${MOST_ENDPOINTS} endpoints, registered ones included`,
      ),
    );
  const { endpoints: limit, checksPerSecond } = await limitsNow(ctx, head);
  const amount = registeredAmount(head.configuration, groups);
  if (amount > limit / 2 || amount + head.amounts.upstream > limit)
    found.push(
      violation(
        '',
        'too-many-endpoints',
        `the upstreams of a tenant may have ${limit} endpoints in all, of which half may be registered; an endpoint counts again for each subset that selects it`,
      ),
    );
  const checks = checksIn(head, groups);
  if (upstream.healthChecks && hasTooMany(checks, checksBefore, checksPerSecond))
    found.push(violation('', 'too-many-checks', tooMany(checks, checksPerSecond)));
  if (endpoint.locality !== undefined && upstream.loadBalancer?.localityWeights === undefined)
    found.push(violation('/locality', 'without-effect', 'needs loadBalancer.localityWeights of the upstream'));
  for (const { path, code, message } of wrongIn(whole))
    if (path[0] === 'healthChecks') found.push(violation('', code, `the health check of the upstream ${message}`));
  return found;
}

/** Returns the limits of the tenant's plan. */
async function limitsNow({ services, now }: Context, { plan }: Head): Promise<Quotas> {
  const { plans } = await services.fleets.platform(now);
  return quotasOf(services.settings, plans.get(plan));
}

const violation = (path: string, code: string, message: string): ProblemViolation => ({
  path,
  pointer: path,
  code,
  message,
});
