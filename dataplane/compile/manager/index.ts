/**
 * The HTTP connection manager of all filter chains of a fleet. Tenants change nothing in it, except the zone in the
 * chains of their TLS profiles.
 */
import { pack } from '../../envoy/any.ts';
import type { Filter } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import {
  HttpConnectionManager_ForwardClientCertDetails as ForwardClientCert,
  HttpConnectionManager,
  HttpConnectionManager_ServerHeaderTransformation as ServerHeader,
} from '../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import type { Port } from '../values/port.ts';
import { earlyHeaders } from './early-headers.ts';
import { edge } from './edge.ts';
import { guardReplies } from './filters/guards.ts';
import { httpFilters } from './filters/index.ts';
import { http3, limitsOf } from './limits.ts';
import { noRouteReplies } from './no-route.ts';
import { scopedRoutes } from './scoped-routes.ts';

/**
 * Builds the network filter that serves HTTP and finds its routes by scope.
 *
 * @param statPrefix prefix of the statistics; `DROPPED_STATS` in `dataplane/envoy/bootstrap.ts` lists them
 * @param port the port whose requests it serves; without a port, the reserved headers of the client are kept, so only the
 *   agent may be able to connect
 * @param profile the zone of a TLS profile, and whether a certificate that a client shows is surely verified
 */
export function connectionManager(
  statPrefix: string,
  port?: Port,
  profile?: { zone: string; isVerified: boolean },
): Filter {
  const isTls = port?.protocol === 'HTTPS' || port?.protocol === 'HTTP3';
  const message = HttpConnectionManager.fromPartial({
    statPrefix,
    routeSpecifier: scopedRoutes,
    httpFilters: httpFilters(isTls ? (profile ? 'by server name' : 'by certificate') : 'without TLS'),
    ...(port && { earlyHeaderMutationExtensions: [earlyHeaders(port, profile?.zone)] }),
    ...limitsOf(port),
    ...(port?.protocol === 'HTTP3' && http3),
    ...edge,
    // By default Envoy removes `x-forwarded-client-cert` from every request, so no client can claim an identity.
    ...(profile?.isVerified && clientIdentity),
    localReplyConfig: { mappers: [...guardReplies, ...(port ? noRouteReplies : [])], bodyFormat: undefined },
    upgradeConfigs: [{ upgradeType: 'websocket' }],
    // RouteConfigurations set the default `server` header. With another value of this field, Envoy would overwrite the
    // `server` header that a tenant's route sets.
    serverHeaderTransformation: ServerHeader.PASS_THROUGH,
  });
  const name = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
  return {
    name: 'envoy.filters.network.http_connection_manager',
    configType: { $case: 'typedConfig', value: pack(name, HttpConnectionManager, message) },
  };
}

/** Tells the upstream about the client's certificate, if the client has shown one. */
const clientIdentity = {
  forwardClientCertDetails: ForwardClientCert.SANITIZE_SET,
  setCurrentClientCertDetails: { subject: true, dns: true, uri: true },
};
