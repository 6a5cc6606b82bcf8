import { Problem } from '../problem.ts';
import { type Access, matrix } from './matrix.ts';
import { type Principal, type Role, rolesOf } from './principal.ts';

/** The owner of the object that a request concerns: the path parameters that name a tenant or a fleet. */
export interface Target {
  readonly tenant?: string | undefined;
  readonly fleet?: string | undefined;
}

/**
 * Whether the matrix allows an action to a principal. Everything that the matrix does not list is denied.
 *
 * @example
 * isAllowed({ type: 'agent', id: '1', fleet: 'public' }, 'fleet:read', { fleet: 'other' }) // false
 */
export function isAllowed(principal: Principal, access: Access, target: Target): boolean {
  const reaches: Partial<Record<Role, 'own' | 'any'>> = matrix[access];
  return rolesOf(principal).some((role) => {
    const reach = reaches[role];
    return reach === 'any' || (reach === 'own' && isOwn(principal, target));
  });
}

function isOwn(principal: Principal, { tenant, fleet }: Target): boolean {
  switch (principal.type) {
    case 'token':
      return tenant !== undefined && principal.tenant === tenant;
    case 'agent':
      return fleet !== undefined && principal.fleet === fleet;
    default:
      return false;
  }
}

/**
 * Checks that the matrix allows an action to a principal. The response does not reveal whether the target exists.
 *
 * @throws Problem `forbidden`
 */
export function authorize(principal: Principal, access: Access, target: Target): void {
  if (isAllowed(principal, access, target)) return;
  // A mistyped name of a tenant is a more frequent cause than a wrong token.
  const unknown = access.startsWith('tenant:') && !isOwn(principal, target) ? ', or there is no such tenant' : '';
  throw new Problem('forbidden', { detail: `requires ${needed(access)}${unknown}` });
}

/** Describes in words what an action requires. */
export function needed(access: Access): string {
  if (access.startsWith('tenant:')) return `the ${access.slice('tenant:'.length)} scope of this tenant`;
  if (access === 'domain:write') return 'the write scope of this tenant';
  return access.startsWith('fleet:') ? 'the agent token of this fleet' : 'an operator token';
}
