import type { Kind } from '../../model/kinds/index.ts';
import { PlatformRole, type TenantRole } from '../members/schema.ts';
import type { Token } from '../store/tokens.ts';
import type { Target } from './target.ts';

/** The role of the agents of a fleet. */
export type AgentRole = 'agent';

/** `nobody` has no credential, `caller` is everyone else, and `person` is everyone who has signed in. */
export type CallerRole = 'nobody' | 'caller' | 'person';

/** The role of a principal towards one target. Each role is a column of the matrix. */
export type Role = CallerRole | TenantRole | AgentRole | PlatformRole;

/** What a person may do now: the role in each tenant, by the tenant's name, and perhaps a role of the platform. */
export interface Grants {
  readonly memberships: ReadonlyMap<string, TenantRole>;
  readonly platform?: PlatformRole;
}

/** The person who created a token, with what this person may do now. */
export type Creator = Grants & { readonly person: string };

/** The limits of a token: it never permits more than its creator may do at the time of the request. */
interface Bounded {
  /** The person who created the token, perhaps by another token. Absent when the platform created it. */
  readonly creator?: Creator;
}

/** The caller of the API. A new kind of caller needs a member here and a case in `rolesAt`. */
export type Principal =
  /** An anonymous caller, who may use only the public operations. */
  | { readonly type: 'nobody'; readonly id: 'anonymous' }
  /** A person who has signed in. */
  | ({ readonly type: 'person'; readonly id: string; readonly email: string; readonly session: string } & Grants)
  /** The caller has a token of a tenant. `kinds` are the kinds that it may write; absent: all. */
  | ({
      readonly type: 'token';
      readonly id: string;
      readonly tenant: string;
      readonly scopes: Token['scopes'];
      readonly kinds?: readonly Kind[];
      readonly expiresAt?: number;
    } & Bounded)
  /** An agent of one fleet. */
  | { readonly type: 'agent'; readonly id: string; readonly fleet: string }
  /** A job of the API, which is no caller: it may do nothing by a request. */
  | { readonly type: 'job'; readonly id: string }
  /** The caller has a token of the platform. */
  | ({ readonly type: PlatformRole; readonly id: string; readonly expiresAt?: number } & Bounded);

export const nobody: Principal = { type: 'nobody', id: 'anonymous' };

/**
 * Returns the principal that a token identifies.
 *
 * @param creator the person who created the token, if a person did
 * @returns an operator only for a token that belongs to no tenant and to no fleet; nobody for a token of an unknown
 *   form
 */
export function principalOf({ id, tenant, fleet, scopes, kinds, expiresAt }: Token, creator?: Creator): Principal {
  const bounds = creator && { creator };
  if (tenant !== undefined && fleet !== undefined) return nobody;
  const end = expiresAt !== undefined && { expiresAt };
  if (tenant !== undefined) return { type: 'token', id, tenant, scopes, ...(kinds && { kinds }), ...end, ...bounds };
  if (fleet !== undefined) return scopes.includes('agent') ? { type: 'agent', id, fleet } : nobody;
  const type = PlatformRole.options.find((role) => scopes.includes(role));
  return type === undefined ? nobody : { type, id, ...end, ...bounds };
}

/** The scopes of a tenant's tokens, and the role that each of them gives. */
const roleOfScope: { readonly [S in Token['scopes'][number]]?: TenantRole } = {
  read: 'viewer',
  write: 'gateway-admin',
  admin: 'owner',
};

/**
 * Returns the roles of a principal towards a target. The principal may do everything that at least one of its roles
 * allows. The bounds of a token are not considered.
 */
export function rolesAt(principal: Principal, target: Target): readonly Role[] {
  switch (principal.type) {
    case 'nobody':
      return ['nobody'];
    case 'job':
      return [];
    case 'person':
      return ['caller', 'person', ...grantedAt(principal, target)];
    case 'token': {
      if (target.tenant !== principal.tenant) return ['caller'];
      return ['caller', ...principal.scopes.flatMap((scope) => roleOfScope[scope] ?? [])];
    }
    case 'agent':
      return target.fleet === principal.fleet ? ['caller', 'agent'] : ['caller'];
    case 'operator':
    case 'support':
      return ['caller', principal.type];
  }
}

/** Returns the roles towards a target that a person was granted. */
export function grantedAt({ memberships, platform }: Grants, { tenant }: Target): readonly Role[] {
  const role = tenant === undefined ? undefined : memberships.get(tenant);
  return [...(role === undefined ? [] : [role]), ...(platform === undefined ? [] : [platform])];
}

/** Returns the stable name of a principal, for revisions and the audit log. */
export function authorOf({ type, id }: Principal): string {
  return `${type === 'person' || type === 'agent' || type === 'job' ? type : 'token'}:${id}`;
}
