import { candidates } from '../../../model/values/host.ts';
import * as compile from '../../compile/index.ts';
import { orAbsent } from '../type.ts';
import { encodeListener } from '../types/listener.ts';
import type { View } from '../view.ts';

/**
 * A gRPC client that speaks xDS itself. It asks for a listener by the name that it dials, then for that host's routes,
 * then for their clusters: https://github.com/grpc/proposal/blob/master/A27-xds-global-load-balancing.md
 */
export const proxyless: View = {
  role: 'proxyless',
  listeners: ({ answers }) => (answers.fleet.description ? new Map() : undefined),
  listener: ({ answers: { fleet } }, name) => {
    if (!fleet.description) return 'later';
    const host = name.replace(/:\d+$/, '').toLowerCase();
    const key = fleet.firstScope([...candidates(host)]);
    return orAbsent(
      fleet,
      key === undefined ? undefined : encodeListener(compile.apiListener(name, compile.routesName(key, 'grpc'))),
    );
  },
  forms: ['grpc'],
  getsClustersFirst: false,
  usesScopes: false,
};
