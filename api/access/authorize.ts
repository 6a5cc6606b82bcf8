import { type Kind, kindIds, oneOf } from '../../model/kinds/index.ts';
import { Problem } from '../problem.ts';
import { type Access, isOfTenants, matrix, type Reach, type Row } from './matrix.ts';
import { grantedAt, type Principal, type Role, rolesAt } from './principal.ts';
import type { Target } from './target.ts';

/**
 * What the matrix allows: the action; the action while the tenant is neither suspended nor deleted (`requireOpen`); or
 * the action to a request that states a reason.
 */
export type Permission = 'granted' | 'while-open' | 'reason';

/**
 * Whether the matrix allows an action to a principal. Everything that the matrix does not list is denied.
 *
 * @example
 * permission({ type: 'agent', id: '1', fleet: 'public' }, 'fleet:read', { fleet: 'other' }) // undefined
 */
export function permission(principal: Principal, access: Access, target: Target): Permission | undefined {
  if (!isInScope(principal, access)) return undefined;
  const own = best(rolesAt(principal, target), access);
  if (own === undefined || !('creator' in principal)) return own;
  // A token never permits more than its creator may do now, by the roles that the creator was granted.
  const creators = best(['caller', ...grantedAt(principal.creator, target)], access);
  return isWithoutReason(creators) ? own : undefined;
}

/**
 * Whether the matrix allows an action to a principal without a reason, if the tenant is neither suspended nor deleted.
 */
export const isAllowed = (principal: Principal, access: Access, target: Target): boolean =>
  isWithoutReason(permission(principal, access, target));

const isWithoutReason = (found: Permission | undefined): boolean => found === 'granted' || found === 'while-open';

const permissionOf: { readonly [R in Reach]: Permission } = {
  any: 'granted',
  always: 'granted',
  own: 'while-open',
  reason: 'reason',
};

/** Returns the most that one of the roles allows. */
function best(roles: readonly Role[], access: Access): Permission | undefined {
  const row: { readonly [R in Role]?: Reach } = matrix[access] satisfies Row;
  let most: Permission | undefined;
  for (const role of roles) {
    const reach = row[role];
    const found = reach && permissionOf[reach];
    if (found === 'granted') return found;
    most = found === 'while-open' ? found : (most ?? found);
  }
  return most;
}

/** The actions that write resources of a kind although they are not `<kind>:write`. */
const writes: { readonly [A in Access]?: Kind } = { 'endpoint:write': 'upstream' };

/**
 * Whether the kinds of a token allow an action. A token that may write some kinds only can read its tenant, and write
 * nothing else.
 */
function isInScope(principal: Principal, access: Access): boolean {
  if (principal.type !== 'token' || principal.kinds === undefined) return true;
  if (access === 'self' || access.endsWith(':read')) return true;
  // The kinds of a bulk write are judged one by one, when they are known.
  if (access === 'tenant:write') return true;
  const kind = writes[access] ?? kindIds.find((each) => access === `${each}:write`);
  return kind !== undefined && principal.kinds.includes(kind);
}

/**
 * Checks that the matrix allows an action to a principal. The response does not reveal whether the target exists.
 *
 * @returns `reason` when the request must state one, `while-open` when the caller must call `requireOpen`
 * @throws Problem `forbidden`
 */
export function authorize(principal: Principal, access: Access, target: Target): Permission {
  const found = permission(principal, access, target);
  if (found !== undefined) return found;
  // A mistyped name of a tenant is a more frequent cause than a wrong token.
  const unknown = isOfTenants(access) && !isOwn(principal, target) ? ', or there is no such tenant' : '';
  throw new Problem('forbidden', { detail: `requires ${needed(access)}${unknown}` });
}

/** Whether the principal has any role in the target's tenant. */
const isOwn = (principal: Principal, target: Target): boolean =>
  best(rolesAt(principal, target), 'tenant:read') === 'granted';

/** Describes in words what an action requires. */
export function needed(access: Access): string {
  const row: Row = matrix[access];
  if (row.agent !== undefined) return 'the agent token of this fleet';
  if (row.person !== undefined) return 'a person who is signed in';
  if (row.viewer !== undefined) return 'the read scope of this tenant, or membership in it';
  if (row['route-editor'] !== undefined)
    return `the write scope of this tenant${kindOf(access)}, or the role route-editor`;
  if (row['gateway-admin'] !== undefined)
    return `the write scope of this tenant${kindOf(access)}, or the role gateway-admin`;
  if (row.owner !== undefined) return 'the admin scope of this tenant, or the role owner';
  return 'an operator token';
}

/** Names the kind of a write, because a token may be limited to some kinds. */
function kindOf(access: Access): string {
  const kind = kindIds.find((each) => access === `${each}:write`);
  return kind === undefined ? '' : ` for ${oneOf(kind)}`;
}
