import { z } from 'zod';
import { Name } from './name.ts';

/** The name of a resource, and the tenant that owns it. */
export interface ResourceName {
  /** The owner. Absent: the tenant whose resource contains the reference. */
  tenant?: string;
  name: string;
}

/**
 * The schema of a field that refers to a resource. The form of a reference is `[tenant/]name`. This schema accepts only
 * `name`, because only gateways can be shared between tenants.
 */
export const ReferenceText = Name;

/** The entry of a route's `gateways` by which sidecars and proxyless gRPC clients serve it. No gateway has this name. */
export const MESH = 'mesh';

/** The schema of an entry of a route's `gateways`: a gateway, or one of its servers. */
export const GatewayReference = z
  .string()
  .max(191)
  .regex(
    /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(:[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)?$/,
    'must be the name of a gateway, or `tenant/name` for a gateway of another tenant; `:portName` binds to one server of it',
  )
  .meta({
    id: 'GatewayReference',
    description:
      'The name of a gateway of the same tenant, or `tenant/name` for a shared gateway of another tenant. With `:portName`, only the server whose port has this name, as in `web:https`. `mesh`: the sidecars and proxyless gRPC clients of the tenant.',
    example: 'platform/public',
  });

/** What an entry of a route's `gateways` names. */
export interface Binding {
  /** `[tenant/]name`. */
  gateway: string;
  /** The name of a server's port; absent when the route is bound to all servers of the gateway. */
  portName?: string;
}

/**
 * Reads an entry of a route's `gateways`.
 *
 * @param text `[tenant/]name[:portName]`, as a schema has accepted it
 * @example parseBinding('platform/public:https') // { gateway: 'platform/public', portName: 'https' }
 */
export function parseBinding(text: string): Binding {
  const colon = text.indexOf(':');
  return colon === -1 ? { gateway: text } : { gateway: text.slice(0, colon), portName: text.slice(colon + 1) };
}

/** Writes an entry of a route's `gateways` that names one server. */
export const serverReference = (gateway: string, portName: string): string => `${gateway}:${portName}`;
/** The schema of a reference to a route of the same tenant, or of another tenant. */
export const RouteReference = z
  .string()
  .max(127)
  .regex(
    /^([a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/)?[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/,
    'must be the name of a route, or `tenant/name` for a route of another tenant',
  )
  .meta({ id: 'RouteReference', example: 'books/cart' });

/**
 * Reads a reference.
 *
 * @param text `[tenant/]name`, as a schema has accepted it
 * @example parseReference('reviews') // { name: 'reviews' }
 * @example parseReference('platform/public') // { tenant: 'platform', name: 'public' }
 */
export function parseReference(text: string): ResourceName {
  const slash = text.indexOf('/');
  return slash === -1 ? { name: text } : { tenant: text.slice(0, slash), name: text.slice(slash + 1) };
}

/** Writes a reference as `[tenant/]name`: the inverse of {@link parseReference}. */
export const formatReference = ({ tenant, name }: ResourceName): string =>
  tenant === undefined ? name : `${tenant}/${name}`;

/** Whether a reference, or the name of a resource in a combined configuration, belongs to another tenant. */
export const isForeign = (text: string): boolean => text.includes('/');
