import { hostsIn, isSelected } from '../../../model/kinds/index.ts';
import { enumerate } from '../../../model/values/quote.ts';
import { resourceName } from '../../../model/violations.ts';
import { isOfTenant, ownsPlatform } from '../../domains/platform.ts';
import { isClaiming } from '../../serving/serving.ts';
import { effectsOf } from '../heads/effects.ts';
import { type Candidate, type Findings, type Gate, nothing } from './gate.ts';

/**
 * Prevents two tenants from claiming equal or overlapping hosts on a shared fleet. The batch of a write enforces this:
 * host claims have a unique key, and a guard compares wildcards. The gate predicts the result for a dry run. It also
 * finds the places in the body that name the rejected hosts.
 */
export const hosts: Gate = {
  code: 'host-taken',
  async judge(candidate) {
    const { ctx, head, state, changes, fleets } = candidate;
    if (head === state) return nothing;
    const { claims } = await effectsOf(fleets, head, state, changes);
    if (claims.add.length === 0) return nothing;
    return findingsOf(await ctx.store.commits.takenHosts(head.tenant, claims.add), candidate);
  },
  refused: (refusal, candidate) => (refusal.conflict === 'host' ? findingsOf(refusal.hosts, candidate) : undefined),
};

/**
 * Makes one violation per host, at the first place that names the host. The message names the host, but never the
 * tenant that claims it.
 */
function findingsOf(taken: readonly string[], candidate: Candidate): Findings {
  if (taken.length === 0) return nothing;
  const places = placesOf(new Set(taken), candidate);
  const { platformGateway } = candidate.ctx.services.settings;
  const errors = taken.map((host) => ({
    path: '',
    ...places.get(host),
    code: 'host-taken',
    message: isGiven(host, candidate)
      ? `${host} is served by ${platformGateway}, the shared gateway of the platform; write a route of that gateway instead`
      : `${host} belongs to another tenant, or overlaps a host that does`,
  }));
  const detail = taken.every((host) => isGiven(host, candidate))
    ? `served by ${platformGateway}, the shared gateway of the platform: ${enumerate(taken)}`
    : `belongs to another tenant: ${enumerate(taken)}`;
  return { errors, warnings: [], detail };
}

/** Whether the platform gives a host to the tenant, which then serves it with a route of the platform's gateway. */
function isGiven(host: string, { ctx: { services }, head: { tenant } }: Candidate): boolean {
  return isOfTenant(services.settings, tenant, host) && !ownsPlatform(services.settings, tenant);
}

/**
 * Finds, for each of these hosts, the first place in the written gateways that names it. Only a gateway that the
 * request writes can name a host that the tenant does not claim yet.
 */
function placesOf(asked: ReadonlySet<string>, { fleets: { all }, head: { tenant }, changes }: Candidate) {
  const places = new Map<string, { resource: string; path: string }>();
  for (const change of changes) {
    if (change.verb !== 'put' || !isSelected(change)) continue;
    if (!isClaiming(all, tenant, change.spec)) continue;
    const resource = resourceName(change.kind, change.name);
    for (const [host, path] of hostsIn(change.kind, change.spec))
      if (asked.has(host) && !places.has(host)) places.set(host, { resource, path });
  }
  return places;
}
