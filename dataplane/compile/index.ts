/** From the model to Envoy's messages: pure, synchronous, one host at a time. */
export { apiListener } from './api-listener.ts';
export { cluster, endpoints } from './cluster.ts';
export type { Compiled, Needs } from './compiled.ts';
export { grpcRouteConfiguration } from './grpc.ts';
export { type CompiledListener, listenerMessage, listeners, type OwnedChain } from './listeners/index.ts';
export { emptyRouteConfiguration, isMarked, routeConfiguration, UNVERSIONED } from './route-configuration.ts';
export { scope } from './scope.ts';
export { secret } from './secret.ts';
export {
  isSecondName,
  keyOf,
  PROBE_HEADER,
  portOfListener,
  proxylessName,
  REVISION_PATH,
  SCOPE_HEADER,
  SERVER_NAME_HEADER,
  scopeName,
  secondName,
  serverNamed,
} from './values/names.ts';
