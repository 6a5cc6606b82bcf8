import { pack } from '../../envoy/any.ts';
import { Listener } from '../../envoy/gen/envoy/config/listener/v3/listener.ts';
import { FilterChain } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import { TlsInspector } from '../../envoy/gen/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector.ts';
import { SNI } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/cert_mappers/sni/v3/config.ts';
import { Config } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/cert_selectors/on_demand_secret/v3/config.ts';
import { DownstreamTlsContext } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import { connectionManager } from '../manager/index.ts';
import { seconds } from '../values/duration.ts';
import { listenerName } from '../values/names.ts';
import { ads } from '../values/source.ts';
import { BUFFER, type CompiledListener, type ListenerKind, type Port, socket, withDefaultChain } from './listener.ts';
import { acceptHostNames } from './server-name.ts';

/** The name of the secret that Envoy requests when a client sends no server name. */
const NO_SERVER_NAME = '__default__';

const DEFAULT = 'default';

/** Listeners for HTTP/1.1 and HTTP/2 over TLS. The server name (SNI) of the handshake selects the certificate. */
export const https: ListenerKind = { listener };

function listener(port: Port, address: string): CompiledListener {
  const { number, bind } = port;
  const base = Listener.fromPartial({
    name: listenerName('HTTPS', number),
    statPrefix: 'https',
    address: socket(address, bind),
    listenerFilters: [
      {
        name: 'envoy.filters.listener.tls_inspector',
        configType: {
          $case: 'typedConfig',
          value: pack(
            'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector',
            TlsInspector,
            TlsInspector.fromPartial({}),
          ),
        },
      },
    ],
    filterChainMatcher: acceptHostNames(DEFAULT),
    perConnectionBufferLimitBytes: BUFFER,
  });
  return withDefaultChain(base, tlsChain(port));
}

/**
 * Builds the filter chain with TLS. Envoy requests each certificate from the agent at the first handshake with its
 * server name. A change of this chain would make Envoy drop all loaded certificates, so the chain must not depend on
 * tenants.
 */
function tlsChain(port: Port): FilterChain {
  return FilterChain.fromPartial({
    name: DEFAULT,
    filters: [connectionManager('https', port)],
    // This is the only time limit on a handshake that waits for its certificate.
    transportSocketConnectTimeout: seconds(10),
    transportSocket: {
      name: 'envoy.transport_sockets.tls',
      configType: {
        $case: 'typedConfig',
        value: pack('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', DownstreamTlsContext, tlsContext),
      },
    },
  });
}

const tlsContext = DownstreamTlsContext.fromPartial({
  commonTlsContext: {
    alpnProtocols: ['h2', 'http/1.1'],
    customTlsCertificateSelector: {
      name: 'envoy.tls.certificate_selectors.on_demand_secret',
      typedConfig: pack(
        'envoy.extensions.transport_sockets.tls.cert_selectors.on_demand_secret.v3.Config',
        Config,
        Config.fromPartial({
          configSource: ads,
          certificateMapper: {
            name: 'envoy.tls.certificate_mappers.sni',
            typedConfig: pack(
              'envoy.extensions.transport_sockets.tls.cert_mappers.sni.v3.SNI',
              SNI,
              SNI.fromPartial({ defaultValue: NO_SERVER_NAME }),
            ),
          },
        }),
      ),
    },
  },
  // The certificate selector requires both fields, because a resumed TLS session would bypass it.
  sessionTicketKeysType: { $case: 'disableStatelessSessionResumption', value: true },
  disableStatefulSessionResumption: true,
});
