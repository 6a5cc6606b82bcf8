import { type Kind, kindIds } from '../../model/kinds/index.ts';
import type { PlatformRole, TenantRole } from '../members/schema.ts';
import type { AgentRole, CallerRole } from './principal.ts';

/**
 * On which objects a role may perform an action.
 *
 * - `own`: on the objects of the tenant in which the caller has the role, while the tenant is neither suspended nor
 *   deleted.
 * - `always`: on the objects of the tenant or fleet in which the caller has the role, also while the tenant is
 *   suspended or deleted. Its members and tokens may read everything, end access, and delete the tenant.
 * - `any`: on all objects.
 * - `reason`: on all objects, when the request states a reason. The reason is stored in the audit log.
 */
export type Reach = 'own' | 'always' | 'any' | 'reason';

/** The reaches of an action, by role. A role without an entry may not perform the action. */
export type Row = { readonly [R in CallerRole]?: 'any' } & { readonly [R in TenantRole]?: 'own' | 'always' } & {
  readonly [R in AgentRole]?: 'always';
} & { readonly [R in PlatformRole]?: R extends 'support' ? 'any' | 'reason' : 'any' };

/** An action of its own for each kind of resource, so that bulk writes are authorized kind by kind. */
export type KindAccess = `${Kind}:write`;

/** The roles of a tenant, from the least to the most powerful. Each may do what those before it may do. */
const members = { viewer: 'always', 'route-editor': 'always', 'gateway-admin': 'always', owner: 'always' } as const;
const editors = { 'route-editor': 'own', 'gateway-admin': 'own', owner: 'own', operator: 'any' } as const;
const admins = { 'gateway-admin': 'own', owner: 'own', operator: 'any' } as const;
const owners = { owner: 'own', operator: 'any' } as const;
/** The same roles, for what is possible while the tenant is suspended or deleted. */
const adminsAlways = { 'gateway-admin': 'always', owner: 'always', operator: 'any' } as const;
const ownersAlways = { owner: 'always', operator: 'any' } as const;

/**
 * All authorization rules, by action and role. Every contract names the action of its route. The action of a write of a
 * kind is `<kind>:write`. Everything that is not listed is denied.
 */
export const matrix = {
  // Without a credential.
  public: { nobody: 'any', caller: 'any' },
  // Of every caller, about itself.
  self: { caller: 'any' },
  'invitation:accept': { person: 'any' },
  'tenant:create': { person: 'any', operator: 'any' },
  /** Of a person, about its own sessions and its own ways to sign in. */
  'person:self': { person: 'any' },

  // In a tenant.
  'tenant:read': { ...members, operator: 'any', support: 'reason' },
  /** A write of several kinds at once. `publishing/gates/access.ts` judges each kind. */
  'tenant:write': editors,
  'tenant:admin': owners,
  'tenant:delete': ownersAlways,
  'tenant:leave': members,
  'member:read': { ...members, operator: 'any', support: 'reason' },
  'member:write': owners,
  'member:remove': ownersAlways,
  'invitation:read': { ...ownersAlways, support: 'reason' },
  'token:read': { ...ownersAlways, support: 'reason' },
  'token:write': owners,
  'token:revoke': ownersAlways,
  'audit:read': { ...ownersAlways, support: 'reason' },

  // Kinds of resources: route editors write how requests are answered; gateway admins write ports, TLS, and who may
  // attach routes.
  'route:write': editors,
  'upstream:write': editors,
  'endpoint:write': editors,
  'gateway:write': admins,
  'certificate:write': admins,
  'trustBundle:write': admins,

  // Names that a tenant proves.
  'domain:write': admins,

  // In a fleet.
  /** Operators do not get this action, because the feed contains decrypted private keys. */
  'fleet:agent': { agent: 'always' },
  'fleet:read': { ...members, agent: 'always', operator: 'any', support: 'reason' },
  /** Tenants may only write fleets that they manage themselves (`targetOf`). */
  'fleet:write': admins,
  'agent:read': { ...adminsAlways, support: 'reason' },
  'agent:revoke': adminsAlways,
  'tenant:fleets': admins,

  // On the platform.
  operator: { operator: 'any' },
  'platform:read': { operator: 'any', support: 'reason' },
} as const satisfies Record<string, Row> & Record<KindAccess, Row>;

/** An action that a route or a kind requires. There is no default. */
export type Access = keyof typeof matrix;

/** The action of a write of a kind. */
export const writeOf = (kind: Kind): KindAccess => `${kind}:write`;

const rowOf = (access: Access): Row => matrix[access];

/** Whether a role in a tenant may permit the action. */
export const isOfTenants = (access: Access): boolean => rowOf(access).owner !== undefined;

/**
 * Whether the action writes the configuration of a tenant. The batch of such a write fails when the tenant was
 * suspended meanwhile.
 */
export const writesConfiguration = (access: Access): boolean =>
  access === 'tenant:write' || access === 'endpoint:write' || kindIds.some((kind) => access === writeOf(kind));

/** Whether the role of an agent in its fleet may permit the action. */
export const isOfFleets = (access: Access): boolean => rowOf(access).agent !== undefined;

/** Whether support must state a reason for the action. */
export const needsReason = (access: Access): boolean => rowOf(access).support === 'reason';
