/** From the model to Envoy's messages: pure, synchronous, one host at a time. */
export { apiListener } from './api-listener.ts';
export { cluster, endpoints } from './cluster.ts';
export { grpcRouteConfiguration } from './grpc.ts';
export { listeners, NO_SERVER_NAME } from './listener.ts';
export { clusterName, PROBE_HEADER, REVISION_PATH, SCOPE_HEADER, scopeKey, scopeName } from './names.ts';
export { writtenAt } from './route.ts';
export { type CompiledHost, emptyRouteConfiguration, routeConfiguration } from './route-configuration.ts';
export { scope } from './scope.ts';
export { secret } from './secret.ts';
