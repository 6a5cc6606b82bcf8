import type { Context } from '../context.ts';
import { exhausted, roomIn } from '../plans/room.ts';
import { absent, Problem } from '../problem.ts';
import type { ReplyTo } from '../reply.ts';
import type { Domain } from '../store/domains.ts';
import { overlapsPlatform } from './platform.ts';
import { firstCheckAt } from './schedule.ts';

/**
 * Claims a domain for a tenant. The tenant holds it once a check finds its proof.
 *
 * @param reply makes the reply that the batch stores for a repeated request with the same `Idempotency-Key`
 * @throws Problem `name-taken` when the tenant has claimed it already
 * @throws Problem `domain-taken` when the platform or another tenant has hosts below it
 * @throws Problem `too-many` when the plan of the tenant allows no more domains
 */
export async function claim(
  ctx: Context,
  { tenant, name }: { tenant: string; name: string },
  reply: ReplyTo<Domain>,
): Promise<Domain> {
  if (overlapsPlatform(ctx.services.settings, name))
    throw new Problem('domain-taken', {
      violations: [at('reserved', `${name} belongs to the platform, or contains its domain`)],
    });
  const domain: Domain = {
    tenant,
    name,
    token: newProof(),
    isHeld: false,
    createdAt: ctx.now,
    provenAt: null,
    missingSince: null,
    checkedAt: null,
    nextCheckAt: firstCheckAt(ctx.now),
    failures: 0,
    reason: null,
  };
  const record = await ctx.record('claim', `tenants/${tenant}/domains/${name}`, () => reply(domain));
  switch (await ctx.store.domains.claim(domain, roomIn(ctx, 'domains', tenant), record)) {
    case 'claimed':
      return domain;
    case 'exists':
      throw new Problem('name-taken', { detail: `the tenant has already claimed ${name}` });
    case 'too-many':
      throw await exhausted(ctx, 'domains', tenant);
    case 'taken':
      throw new Problem('domain-taken', {
        violations: [at('has-other-tenants', `other tenants have proven hosts or domains below ${name}`)],
      });
    case 'no-tenant':
      throw absent(`tenant ${tenant}`);
  }
}

const at = (code: string, message: string) => ({ path: '/name', pointer: '/name', code, message });

/** Makes the text that the record of one claim contains: 160 random bits in lower case, since DNS ignores the case. */
function newProof(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(20));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
