import type { Fleet } from '../../model/fleet.ts';
import { NO_HOST } from '../../model/values/host.ts';
import { pack } from '../envoy/any.ts';
import { HeaderValueOption_HeaderAppendAction as Append } from '../envoy/gen/envoy/config/core/v3/base.ts';
import { HttpProtocolOptions_HeadersWithUnderscoresAction as Underscores } from '../envoy/gen/envoy/config/core/v3/protocol.ts';
import type { Filter } from '../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import {
  HttpConnectionManager_PathWithEscapedSlashesAction as EscapedSlashes,
  HttpConnectionManager,
  HttpConnectionManager_ServerHeaderTransformation as ServerHeader,
} from '../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { HeaderMutation } from '../envoy/gen/envoy/extensions/http/early_header_mutation/header_mutation/v3/header_mutation.ts';
import { seconds } from './duration.ts';
import { httpFilters } from './filters/index.ts';
import { PROBE_HEADER, SCOPE_HEADER, SERVER_NAME_HEADER, serverNamed } from './names.ts';
import { ads } from './source.ts';

const MIB = 1024 * 1024;

/**
 * A connection manager that finds its routes by scope. With `port` it sets the scope itself; without, its (trusted)
 * client does.
 */
export function connectionManager(statPrefix: string, port?: Fleet['ports'][number]): Filter {
  const message = HttpConnectionManager.fromPartial({
    statPrefix,
    routeSpecifier: { $case: 'scopedRoutes', value: scopedRoutes },
    httpFilters: [...httpFilters],
    ...(port && { earlyHeaderMutationExtensions: [ownHeaders(port)] }),
    ...limits,
    ...edge,
    upgradeConfigs: [{ upgradeType: 'websocket' }],
    // RouteConfigurations set the default; anything else here would come after a route's own `server`, and overrule it.
    serverHeaderTransformation: ServerHeader.PASS_THROUGH,
  });
  const name = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
  return {
    name: 'envoy.filters.network.http_connection_manager',
    configType: { $case: 'typedConfig', value: pack(name, HttpConnectionManager, message) },
  };
}

const scopedRoutes = {
  // One name on every listener: they share one set of scopes.
  name: 'scopes',
  // The part before a colon is the key: the port of an authority is not ours to look at, and stays in the Host the upstream sees.
  scopeKeyBuilder: {
    fragments: [
      {
        type: {
          $case: 'headerValueExtractor' as const,
          value: { name: SCOPE_HEADER, elementSeparator: ':', extractType: { $case: 'index' as const, value: 0 } },
        },
      },
    ],
  },
  rdsConfigSource: ads,
  configSpecifier: { $case: 'scopedRds' as const, value: { scopedRdsConfigSource: ads } },
};

/**
 * Overwrites what a client may have sent; runs before the scope is looked up. The port keeps a host of one port
 * unreachable through another.
 */
function ownHeaders({ number, protocol }: Fleet['ports'][number]) {
  const mutations = HeaderMutation.fromPartial({
    mutations: [
      overwrite(SCOPE_HEADER, `${number}|%REQ(:AUTHORITY)%`),
      ...(protocol === 'HTTPS' ? [overwrite(SERVER_NAME_HEADER, serverNamed('%REQUESTED_SERVER_NAME%'))] : []),
      { action: { $case: 'remove', value: PROBE_HEADER } },
    ],
  });
  return {
    name: 'envoy.http.early_header_mutation.header_mutation',
    typedConfig: pack(
      'envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation',
      HeaderMutation,
      mutations,
    ),
  };
}

const overwrite = (key: string, value: string) => ({
  action: {
    $case: 'append' as const,
    value: { header: { key, value }, appendAction: Append.OVERWRITE_IF_EXISTS_OR_ADD },
  },
});

/** https://www.envoyproxy.io/docs/envoy/v1.40/configuration/best_practices/edge */
const limits = {
  // Bounds a request to a host that is not loaded, should the agent be silent. Routes have an idle timeout of their own.
  streamIdleTimeout: seconds(15),
  requestHeadersTimeout: seconds(10),
  commonHttpProtocolOptions: {
    idleTimeout: seconds(3600),
    // CGI and WSGI take `x_user` for `x-user` (RFC 9110 §17.10): what a rule removes or sets would come in beside it.
    headersWithUnderscoresAction: Underscores.DROP_HEADER,
  },
  // Load balancers' checks and old scripts. A request without Host gets the routes of `*`, where there are any, else
  // 404.
  httpProtocolOptions: { acceptHttp10: true, defaultHostForHttp10: NO_HOST },
  http2ProtocolOptions: {
    maxConcurrentStreams: 100,
    // An upload may have this much on its way: 4 MiB a round trip is 160 Mbit/s over 200 ms. Envoy buffers it only
    // while the upstream is slower than the client, and never more than the connection's window.
    initialStreamWindowSize: 4 * MIB,
    initialConnectionWindowSize: 8 * MIB,
  },
};

const edge = {
  useRemoteAddress: true,
  // Nobody is internal, so `x-envoy-retry-on` and its kin are dropped from every request. No range at all would mean every private address.
  internalAddressConfig: { cidrRanges: [{ addressPrefix: '255.255.255.255', prefixLen: 32 }] },
  normalizePath: true,
  mergeSlashes: true,
  // A server of a gateway chooses what becomes of them: the host's first routes do that.
  pathWithEscapedSlashesAction: EscapedSlashes.KEEP_UNCHANGED,
};
