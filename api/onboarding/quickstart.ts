import { type Kind, kinds } from '../../model/kinds/index.ts';
import { parseReference } from '../../model/values/reference.ts';
import { defaultHost, isOfTenant } from '../domains/platform.ts';
import { Problem } from '../problem.ts';
import type { Attempt } from '../publishing/attempt.ts';
import { conclude, type Outcome } from '../publishing/outcome.ts';
import { propose } from '../publishing/propose.ts';
import { loadOwner } from '../publishing/sharing/owners.ts';
import type { ReplyTo } from '../reply.ts';
import { applicationOf, routeFor, upstreamFor } from './application.ts';
import { certificateWarnings } from './certificate-warning.ts';
import { addressOf, platformDomain } from './platform-domain.ts';
import type { Quickstart } from './schema.ts';
import { servingRoute } from './serving-route.ts';

/** What a quick start wrote, or would write. */
export interface Started extends Outcome {
  url: string;
  host: string;
  upstream: string;
  route: string;
}

/**
 * Publishes an upstream and a route as one revision, so that an application answers on the platform domain. The same
 * request again changes nothing.
 *
 * @param reply makes the reply that the batch stores for a repeated request with the same `Idempotency-Key`
 * @throws Problem `no-platform-domain`, `invalid-request`
 * @throws Problem `name-taken` when the tenant has another upstream or route of this name, or when another route
 *   serves the host, whose requests the new one could get
 * @throws Problem and LostRace as `publish`
 */
export async function quickstart(
  ctx: Attempt,
  { tenant, url, name, host: wanted }: Quickstart & { tenant: string },
  reply: ReplyTo<Started>,
): Promise<Started> {
  const { settings } = ctx.services;
  const platform = platformDomain(settings);
  const own = defaultHost(tenant, platform.domain);
  const host = wanted ?? own;
  const application = applicationOf(url);
  if (typeof application === 'string') throw invalid('/url', application);
  if (!isOfTenant(settings, tenant, host)) throw invalid('/host', `must be ${own}, or a name below it`);
  const head = await ctx.load();
  const { tenant: owner = tenant, name: gateway } = parseReference(platform.gateway);
  const shared = owner === tenant ? head : (await loadOwner(ctx.services.heads, owner)).head;
  const noted = shared ? certificateWarnings(shared.configuration, gateway, { host, route: name }) : [];
  const written = [
    { kind: 'upstream', name, spec: upstreamFor(application), at: '/url' },
    { kind: 'route', name, spec: routeFor(host, platform.gateway, name, application), at: '/host' },
  ] as const;
  const proposed = await propose(ctx, head, written);
  for (const change of proposed.changes) {
    const taken = change.verb === 'put' && head.get(change.kind, name);
    if (taken && !isSame(taken.spec, change.spec)) throw taken409(change.kind, name);
  }
  const serving = head.get('route', name) ? undefined : servingRoute(head.configuration, tenant, { host, ...platform });
  if (serving !== undefined) throw served409(serving, host);
  const started = (outcome: Outcome): Started => ({
    ...outcome,
    warnings: [...noted, ...outcome.warnings],
    ...{ url: addressOf(host, platform), host, upstream: name, route: name },
  });
  const message = `quick start: ${host}`;
  const { placed: _, ...proposal } = proposed;
  return started(await conclude(ctx, { head, message, ...proposal }, (outcome) => reply(started(outcome))));
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

const invalid = (pointer: string, message: string): Problem =>
  new Problem('invalid-request', { violations: [{ path: pointer, pointer, code: 'invalid', message }] });

const taken409 = (kind: Kind, name: string): Problem =>
  new Problem('name-taken', {
    detail: `the ${kinds[kind].id} ${name} exists and is different; choose another name with the member name`,
  });

const served409 = (route: string, host: string): Problem =>
  new Problem('name-taken', {
    detail: `the route ${route} serves ${host} already; choose another host with the member host`,
  });
