import type { Token } from '../store/tokens.ts';

/** The caller of the API. A new kind of caller needs a member here and a case in `rolesOf`. */
export type Principal =
  /** An anonymous caller, who may use only the public operations. */
  | { readonly type: 'nobody'; readonly id: 'anonymous' }
  /** The caller has a token of a tenant. */
  | { readonly type: 'token'; readonly id: string; readonly tenant: string; readonly scopes: Token['scopes'] }
  /** An agent of one fleet. */
  | { readonly type: 'agent'; readonly id: string; readonly fleet: string }
  /** An operator of the platform. */
  | { readonly type: 'operator'; readonly id: string };

/** The role of a principal towards the objects that it owns. Each role is a row of the matrix. */
export type Role = 'nobody' | 'reader' | 'writer' | 'admin' | 'agent' | 'operator';

export const nobody: Principal = { type: 'nobody', id: 'anonymous' };

/**
 * Returns the principal that a token identifies.
 *
 * @returns an operator only for a token that belongs to no tenant and to no fleet; nobody for a token of an unknown
 *   form
 */
export function principalOf({ id, tenant, fleet, scopes }: Token): Principal {
  if (tenant !== undefined && fleet !== undefined) return nobody;
  if (tenant !== undefined) return { type: 'token', id, tenant, scopes };
  if (fleet !== undefined) return scopes.includes('agent') ? { type: 'agent', id, fleet } : nobody;
  return scopes.includes('operator') ? { type: 'operator', id } : nobody;
}

const roleOfScope: Partial<Record<Token['scopes'][number], Role>> = { read: 'reader', write: 'writer', admin: 'admin' };

/** Returns the roles of a principal. The principal may do everything that at least one of its roles allows. */
export function rolesOf(principal: Principal): readonly Role[] {
  switch (principal.type) {
    case 'nobody':
      return ['nobody'];
    case 'token':
      return principal.scopes.flatMap((scope) => roleOfScope[scope] ?? []);
    case 'agent':
      return ['agent'];
    case 'operator':
      return ['operator'];
  }
}

/** Returns the stable name of a principal, for revisions and the audit log. */
export const authorOf = ({ id }: Principal): string => `token:${id}`;
