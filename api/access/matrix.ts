import type { Role } from './principal.ts';

/**
 * Whose things a role may act on: its own tenant's or fleet's, or anyone's. A role without an entry may not act at all.
 */
type Reach = 'own' | 'any';

const everyone = { nobody: 'any', reader: 'any', writer: 'any', admin: 'any', agent: 'any', operator: 'any' } as const;

/**
 * The whole of authorization: action × role. Every contract names the action of its route; every kind of
 * resource names the action of a write (`writableBy`).
 */
export const matrix = {
  public: everyone,
  operator: { operator: 'any' },
  'tenant:read': { reader: 'own', writer: 'own', admin: 'own', operator: 'any' },
  'tenant:write': { writer: 'own', admin: 'own', operator: 'any' },
  'tenant:admin': { admin: 'own', operator: 'any' },
  // Not for operators: the feed contains opened private keys.
  'fleet:agent': { agent: 'own' },
  'fleet:read': { agent: 'own', operator: 'any' },
} as const satisfies Record<string, Partial<Record<Role, Reach>>>;

/** An action that a route or a kind requires. There is no default. */
export type Access = keyof typeof matrix;
