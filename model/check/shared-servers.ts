import { isShareable } from '../binding/shared-gateway.ts';
import { isShared } from '../values/allowed-routes.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/** Reports servers that admit routes of other tenants, but to which none can attach. */
export const sharedServers: Check = function* (configuration, { errors }) {
  for (const [name, { servers }] of configuration.entries('gateway')) {
    yield;
    for (const [index, server] of servers.entries()) {
      if (!isShared(server.allowedRoutes) || isShareable(server)) continue;
      errors.push({
        resource: resourceName('gateway', name),
        path: `/servers/${index}/allowedRoutes`,
        code: 'not-shareable',
        message:
          'routes of other tenants cannot attach to this server: only servers for HTTP, and for HTTPS with the default TLS settings, can be shared',
      });
    }
  }
};
