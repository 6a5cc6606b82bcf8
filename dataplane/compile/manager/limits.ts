import { NO_HOST } from '../../../model/values/host.ts';
import { HttpProtocolOptions_HeadersWithUnderscoresAction as Underscores } from '../../envoy/gen/envoy/config/core/v3/protocol.ts';
import { seconds } from '../values/duration.ts';

const MIB = 1024 * 1024;

/**
 * Limits on the resources of one client, and the accepted protocol versions.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/best_practices/edge
 */
export const limits = {
  // Applies to a request for a host that is not loaded while the agent does not answer. Routes have an idle timeout of
  // their own.
  streamIdleTimeout: seconds(15),
  requestHeadersTimeout: seconds(10),
  commonHttpProtocolOptions: {
    idleTimeout: seconds(3600),
    // CGI and WSGI read `x_user` as `x-user` (RFC 9110 §17.10). A client could add the first spelling of a header that
    // a rule removes or sets in the second.
    headersWithUnderscoresAction: Underscores.DROP_HEADER,
  },
  // Load balancers' checks and old scripts use HTTP/1.0. A request without Host gets the routes of `*`, or 404 when
  // there are none.
  httpProtocolOptions: { acceptHttp10: true, defaultHostForHttp10: NO_HOST },
  http2ProtocolOptions: {
    maxConcurrentStreams: 100,
    // An upload may have this many bytes in flight: 4 MiB per round trip is 160 Mbit/s over 200 ms. Envoy buffers them
    // only while the upstream is slower than the client, and never more than the connection's window.
    initialStreamWindowSize: 4 * MIB,
    initialConnectionWindowSize: 8 * MIB,
  },
};
