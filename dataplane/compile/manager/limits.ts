import type { FleetPort, Underscores } from '../../../model/fleet.ts';
import { milliseconds } from '../../../model/values/duration.ts';
import { NO_HOST } from '../../../model/values/host.ts';
import { HttpProtocolOptions_HeadersWithUnderscoresAction as UnderscoresAction } from '../../envoy/gen/envoy/config/core/v3/protocol.ts';
import { HttpConnectionManager_CodecType as CodecType } from '../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { duration, seconds } from '../values/duration.ts';

const MIB = 1024 * 1024;

/**
 * Limits on the resources of one client, and the accepted protocol versions.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/best_practices/edge
 */
const limits = {
  // Limits how long a request to a host that is not loaded waits for the agent. Routes have an idle timeout of their
  // own.
  streamIdleTimeout: seconds(15),
  requestHeadersTimeout: seconds(10),
  commonHttpProtocolOptions: {
    // CGI and WSGI read `x_user` as `x-user` (RFC 9110 §17.10). If a rule removes or sets `x-user`, a client could send
    // `x_user` instead.
    headersWithUnderscoresAction: UnderscoresAction.DROP_HEADER,
  },
  // Health checks of load balancers and old scripts use HTTP/1.0. A request without Host gets the routes of `*`, or 404
  // when no tenant has `*`.
  httpProtocolOptions: { acceptHttp10: true, defaultHostForHttp10: NO_HOST },
  http2ProtocolOptions: {
    maxConcurrentStreams: 100,
    // An upload may have this many bytes in flight. With a round trip of 200 ms, 1 MiB allows 40 Mbit/s. Envoy buffers
    // these bytes while the upstream is slower than the client, and at most the window of the connection.
    initialStreamWindowSize: MIB,
    initialConnectionWindowSize: 2 * MIB,
  },
};

const underscoreActions: Readonly<Record<Underscores, UnderscoresAction>> = {
  drop: UnderscoresAction.DROP_HEADER,
  reject: UnderscoresAction.REJECT_REQUEST,
  allow: UnderscoresAction.ALLOW,
};

/**
 * How long a connection without a request under way stays open, as nginx has it. Connections that send nothing would
 * otherwise occupy the connections of others long after a flood. Connections over which streams are open are not idle.
 */
const IDLE = '75s';

/** Returns the limits of a port; without one, of connections of the agent, which may be idle for an hour. */
export function limitsOf(port?: Pick<FleetPort, 'headers' | 'idleTimeout'>) {
  const { headers = {}, idleTimeout = IDLE } = port ?? { idleTimeout: '1h' };
  const { underscores = 'drop', maxKilobytes, maxCount } = headers;
  return {
    ...limits,
    ...(maxKilobytes !== undefined && { maxRequestHeadersKb: maxKilobytes }),
    commonHttpProtocolOptions: {
      ...limits.commonHttpProtocolOptions,
      idleTimeout: duration(milliseconds(idleTimeout)!),
      headersWithUnderscoresAction: underscoreActions[underscores],
      ...(maxCount !== undefined && { maxHeadersCount: maxCount }),
    },
  };
}

/** The settings of connections over QUIC. The windows are those of HTTP/2. */
export const http3 = {
  codecType: CodecType.HTTP3,
  http3ProtocolOptions: {
    quicProtocolOptions: {
      maxConcurrentStreams: limits.http2ProtocolOptions.maxConcurrentStreams,
      initialStreamWindowSize: limits.http2ProtocolOptions.initialStreamWindowSize,
      initialConnectionWindowSize: limits.http2ProtocolOptions.initialConnectionWindowSize,
    },
  },
};
