import type { XdsType } from '../type.ts';
import { cluster } from './cluster.ts';
import { endpoints } from './endpoints.ts';
import { listener } from './listener.ts';
import { routes } from './routes.ts';
import { scope } from './scope.ts';
import { secret } from './secret.ts';

/**
 * The types of xDS resources that the agent serves, in the order in which it sends them. A resource is sent before
 * other resources refer to it.
 */
export const types = [listener, cluster, endpoints, routes, secret, scope] as const satisfies readonly XdsType[];
