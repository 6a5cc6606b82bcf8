import type { XdsType } from '../type.ts';
import { cluster } from './cluster.ts';
import { endpoints } from './endpoints.ts';
import { listener } from './listener.ts';
import { routes } from './routes.ts';
import { scope } from './scope.ts';
import { secret } from './secret.ts';

/**
 * The types of xDS resources that are served, in the order in which they are sent: a resource goes before those that
 * refer to it.
 */
export const types = [listener, cluster, endpoints, routes, secret, scope] as const satisfies readonly XdsType[];
