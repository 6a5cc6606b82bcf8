import type { z } from 'zod';
import { grantedAt, type Principal, rolesAt } from '../access/principal.ts';
import type { Context } from '../context.ts';
import { viewOf } from '../view.ts';
import { memberships } from './memberships.ts';
import { type Me, OwnMembership, TenantRole } from './schema.ts';

const view = viewOf(OwnMembership);

/** Describes the caller of a request. */
export async function me(ctx: Context): Promise<z.infer<typeof Me>> {
  const { principal } = ctx;
  switch (principal.type) {
    case 'person': {
      const { type, id, email, platform } = principal;
      return {
        ...{ type, id, email, memberships: (await memberships(ctx, id)).map(view) },
        ...(platform && { platform }),
      };
    }
    case 'token': {
      const { type, id, tenant, scopes, kinds, expiresAt } = principal;
      return {
        ...{ type, id, tenant, scopes: [...scopes], roles: rolesOf(principal) },
        ...(kinds && { kinds: [...kinds] }),
        ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
      };
    }
    case 'agent':
      return { type: principal.type, id: principal.id, fleet: principal.fleet };
    case 'operator':
    case 'support':
      return { type: principal.type, id: principal.id };
    case 'nobody':
    case 'job':
      throw new Error('the matrix does not permit this to anonymous callers and jobs');
  }
}

/** Returns the roles of a token in its tenant, none of them higher than that of the person who created it. */
function rolesOf(principal: Extract<Principal, { type: 'token' }>): TenantRole[] {
  const target = { tenant: principal.tenant };
  const rank = (role: string): number => (TenantRole.options as readonly string[]).indexOf(role);
  const { creator } = principal;
  const highest =
    creator === undefined || creator.platform === 'operator'
      ? TenantRole.options.length
      : Math.max(-1, ...grantedAt(creator, target).map(rank));
  const ranks = rolesAt(principal, target)
    .map(rank)
    .filter((each) => each >= 0)
    .map((each) => Math.min(each, highest));
  return [...new Set(ranks)].flatMap((each) => TenantRole.options[each] ?? []);
}
