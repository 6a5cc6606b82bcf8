/** The TLS settings that all filter chains with TLS have. */
import { pack } from '../../envoy/any.ts';
import type { ConfigSource } from '../../envoy/gen/envoy/config/core/v3/config_source.ts';
import { SNI } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/cert_mappers/sni/v3/config.ts';
import { Config } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/cert_selectors/on_demand_secret/v3/config.ts';
import { DownstreamTlsContext } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import { seconds } from '../values/duration.ts';
import { ads } from '../values/source.ts';

/** The name of the secret that Envoy requests when a client sends no server name. */
const NO_SERVER_NAME = '__default__';

/**
 * Builds TLS settings with which Envoy requests the certificate of a handshake under its server name (SNI).
 *
 * @param source where Envoy requests it
 */
export const onDemandContext = (alpnProtocols: string[], source: ConfigSource) =>
  DownstreamTlsContext.fromPartial({
    commonTlsContext: {
      alpnProtocols,
      customTlsCertificateSelector: {
        name: 'envoy.tls.certificate_selectors.on_demand_secret',
        typedConfig: pack(
          'envoy.extensions.transport_sockets.tls.cert_selectors.on_demand_secret.v3.Config',
          Config,
          Config.fromPartial({
            configSource: source,
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

/** The default TLS settings of HTTPS servers. */
export const tlsContext = onDemandContext(['h2', 'http/1.1'], ads);

/** Returns the fields of a filter chain that make it speak TLS. */
export const tlsSocket = (context: DownstreamTlsContext) => ({
  // This is the only time limit on a handshake that waits for its certificate.
  transportSocketConnectTimeout: seconds(10),
  transportSocket: {
    name: 'envoy.transport_sockets.tls',
    configType: {
      $case: 'typedConfig' as const,
      value: pack('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', DownstreamTlsContext, context),
    },
  },
});
