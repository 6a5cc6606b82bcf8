import type { Role } from './principal.ts';

/**
 * The objects on which a role may act: those of its own tenant or fleet, or all objects. A role without an entry may
 * not perform the action.
 */
type Reach = 'own' | 'any';

const everyone = { nobody: 'any', reader: 'any', writer: 'any', admin: 'any', agent: 'any', operator: 'any' } as const;

/**
 * All authorization rules, by action and role. Every contract names the action of its route. Every kind of resource
 * names the action of a write (`writableBy`).
 */
export const matrix = {
  public: everyone,
  operator: { operator: 'any' },
  'tenant:read': { reader: 'own', writer: 'own', admin: 'own', operator: 'any' },
  'tenant:write': { writer: 'own', admin: 'own', operator: 'any' },
  'tenant:admin': { admin: 'own', operator: 'any' },
  'domain:write': { writer: 'own', admin: 'own', operator: 'any' },
  // Operators do not get this action, because the feed contains decrypted private keys.
  'fleet:agent': { agent: 'own' },
  'fleet:read': { agent: 'own', operator: 'any' },
} as const satisfies Record<string, Partial<Record<Role, Reach>>>;

/** An action that a route or a kind requires. There is no default. */
export type Access = keyof typeof matrix;
