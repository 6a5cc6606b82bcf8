import { patternsCovering } from '../../../model/values/host.ts';
import * as compile from '../../compile/index.ts';
import { orAbsent } from '../type.ts';
import { encodeListener } from '../types/listener.ts';
import type { View } from '../view.ts';

/**
 * The view of a gRPC client that speaks xDS itself. The client requests a listener by the name to which it connects,
 * then for the routes of that host, then for the clusters of these routes:
 * https://github.com/grpc/proposal/blob/master/A27-xds-global-load-balancing.md
 */
export const proxyless: View = {
  role: 'proxyless',
  listeners: ({ catalog }) => (catalog.fleet.description ? new Map() : undefined),
  listener: ({ catalog: { fleet } }, name) => {
    if (!fleet.description) return 'later';
    const host = name.replace(/:\d+$/, '').toLowerCase();
    const key = fleet.firstScope([...patternsCovering(host)]);
    return orAbsent(
      fleet,
      key === undefined ? undefined : encodeListener(compile.apiListener(name, compile.routesName(key, 'grpc'))),
    );
  },
  forms: ['grpc'],
  getsClustersFirst: false,
  usesScopes: false,
};
