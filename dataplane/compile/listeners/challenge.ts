/** The filter chain that answers challenges of certificate authorities in TLS handshakes (TLS-ALPN-01, RFC 8737). */
import { pack } from '../../envoy/any.ts';
import { FilterChain } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import { HttpConnectionManager } from '../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { router } from '../manager/filters/index.ts';
import { seconds } from '../values/duration.ts';
import { challengeSecrets } from '../values/source.ts';
import { onDemandContext, tlsSocket } from './tls-context.ts';

/** The application protocol of these handshakes. */
export const ACME_TLS = 'acme-tls/1';

/** The port to which authorities connect. */
export const CHALLENGED_PORT = 443;

export const CHALLENGE_CHAIN = 'acme-tls';

/** No tenant's data is in it, so the listener does not change for a challenge. The secret comes at the handshake. */
export const challengeChain = FilterChain.fromPartial({
  name: CHALLENGE_CHAIN,
  filters: [
    {
      name: 'envoy.filters.network.http_connection_manager',
      configType: {
        $case: 'typedConfig',
        value: pack(
          'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
          HttpConnectionManager,
          // An authority closes the connection after the handshake. Anybody else gets 404, and is soon disconnected.
          HttpConnectionManager.fromPartial({
            statPrefix: CHALLENGE_CHAIN,
            routeSpecifier: { $case: 'routeConfig', value: { name: CHALLENGE_CHAIN } },
            httpFilters: [router],
            commonHttpProtocolOptions: { idleTimeout: seconds(5), maxConnectionDuration: seconds(10) },
            requestHeadersTimeout: seconds(5),
          }),
        ),
      },
    },
  ],
  ...tlsSocket(onDemandContext([ACME_TLS], challengeSecrets)),
});
