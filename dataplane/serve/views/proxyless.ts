import { patternsCovering } from '../../../model/values/host.ts';
import * as compile from '../../compile/index.ts';
import { Cluster } from '../../envoy/gen/envoy/config/cluster/v3/cluster.ts';
import { Any } from '../../envoy/gen/google/protobuf/any.ts';
import { orAbsent } from '../type.ts';
import { encodeCluster } from '../types/cluster.ts';
import { encodeListener } from '../types/listener.ts';
import type { View } from '../view.ts';

/**
 * The view of a gRPC client that speaks xDS itself. The client requests a listener by the name to which it connects,
 * then the routes of that host, then the clusters of these routes:
 * https://github.com/grpc/proposal/blob/master/A27-xds-global-load-balancing.md
 */
export const proxyless: View = {
  role: 'proxyless',
  listeners: ({ catalog }) => (catalog.state.description ? new Map() : undefined),
  listener: ({ catalog: { state } }, name) => {
    if (!state.description) return 'later';
    const host = name.replace(/:\d+$/, '').toLowerCase();
    const key = state.firstScope([...patternsCovering(host)]);
    return orAbsent(
      state,
      key === undefined ? undefined : encodeListener(compile.apiListener(name, compile.routesName(key, 'grpc'))),
    );
  },
  cluster: ({ body }) => {
    const message = compile.grpcCluster(Cluster.decode(Any.decode(body).value));
    return message && encodeCluster(message);
  },
  forms: ['grpc'],
  getsClustersFirst: false,
  hasScope: () => true,
  terminatesTls: false,
  usesScopes: false,
};
