/**
 * Compiles the model into Envoy's messages. All functions are pure and synchronous. Each call builds one resource,
 * except `listeners`, which builds all listeners of a fleet.
 */
export { apiListener } from './api-listener.ts';
export { mostPerCluster } from './cluster/tenant-share.ts';
export { cluster, type Destinations, endpoints, type Resolve } from './cluster.ts';
export type { Needs } from './compiled.ts';
export { grpcCluster, grpcRouteConfiguration } from './grpc.ts';
export {
  type CompiledListener,
  chainZone,
  hasChains,
  listener,
  listenerMessage,
  listeners,
  type OwnedChain,
  type Part,
  type Port,
  partOf,
  rangedPort,
  rangedPortNamed,
  sidecarListeners,
  tenantChains,
  tenantListeners,
} from './listeners/index.ts';
export { needsOf } from './needs.ts';
export { emptyRouteConfiguration, isMarked, routeConfiguration, UNVERSIONED } from './route-configuration.ts';
export { scope } from './scope.ts';
export { mayChangeSecrets, resourceSecret, type SecretSource, secretSource } from './secrets/resource-secret.ts';
export { serverCertificate } from './secrets/server-certificate.ts';
export { SYSTEM_ROOTS, systemRoots } from './secrets/system-roots.ts';
export {
  forwardingZone,
  http3Zone,
  isHostKey,
  isMeshKey,
  listenerName,
  PROBE_HEADER,
  parseClusterName,
  parseListenerName,
  parseRoutesName,
  parseScopeKey,
  parseSecretName,
  portOfZone,
  profileZones,
  REVISION_PATH,
  type RoutesForm,
  routesName,
  SCOPE_HEADER,
  scopeKey,
  scopeName,
  zoneOf,
} from './values/names.ts';
