import type { Upstream } from '../../../model/kinds/upstream.ts';
import { pack } from '../../envoy/any.ts';
import type { Cluster } from '../../envoy/gen/envoy/config/cluster/v3/cluster.ts';
import {
  Http1ProtocolOptions,
  Http2ProtocolOptions,
  Http3ProtocolOptions,
} from '../../envoy/gen/envoy/config/core/v3/protocol.ts';
import type { HttpFilter } from '../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import {
  HttpProtocolOptions,
  HttpProtocolOptions_AutoHttpConfig,
  type HttpProtocolOptions_ExplicitHttpConfig,
} from '../../envoy/gen/envoy/extensions/upstreams/http/v3/http_protocol_options.ts';
import { seconds } from '../values/duration.ts';
import { BUFFER, STREAM_WINDOW } from './buffer.ts';
import { hashPolicies } from './hash-policy.ts';
import { MOST_COPY_SECONDS } from './mirror.ts';

const explicitly = (
  protocolConfig: NonNullable<HttpProtocolOptions_ExplicitHttpConfig['protocolConfig']>,
): HttpProtocolOptions['upstreamProtocolOptions'] => ({ $case: 'explicitHttpConfig', value: { protocolConfig } });

/** @param streamWindow how many bytes of a response Envoy may have to buffer for a client that reads slowly */
function upstreamProtocol(
  protocol: NonNullable<Upstream['protocol']>,
  streamWindow: number,
): HttpProtocolOptions['upstreamProtocolOptions'] {
  const window = { initialStreamWindowSize: streamWindow };
  switch (protocol) {
    case 'HTTP':
      return explicitly({ $case: 'httpProtocolOptions', value: Http1ProtocolOptions.fromPartial({}) });
    case 'HTTP2':
    case 'GRPC':
      return explicitly({ $case: 'http2ProtocolOptions', value: Http2ProtocolOptions.fromPartial(window) });
    case 'HTTP3':
      return explicitly({
        $case: 'http3ProtocolOptions',
        value: Http3ProtocolOptions.fromPartial({ quicProtocolOptions: window }),
      });
    case 'AUTO':
      return {
        $case: 'autoConfig',
        value: HttpProtocolOptions_AutoHttpConfig.fromPartial({
          httpProtocolOptions: {},
          http2ProtocolOptions: window,
        }),
      };
  }
}

/** Whether the endpoints expect HTTP/2. */
export const speaksHttp2 = ({ protocol }: Pick<Upstream, 'protocol'>): boolean =>
  protocol === 'HTTP2' || protocol === 'GRPC';

/**
 * Builds the HTTP options of a cluster. Returns undefined for Envoy's default: HTTP/1.1 without upstream filters.
 *
 * @param httpFilters filters that examine each request once its endpoint is chosen
 * @param isMirror whether the cluster gets copies of requests
 */
export function protocolOptions(
  { protocol = 'HTTP', loadBalancer }: Pick<Upstream, 'protocol' | 'loadBalancer'>,
  httpFilters: HttpFilter[],
  isMirror = false,
): Pick<Cluster, 'typedExtensionProtocolOptions'> | undefined {
  const hashPolicy = loadBalancer ? hashPolicies(loadBalancer) : [];
  if (protocol === 'HTTP' && !isMirror && httpFilters.length === 0 && hashPolicy.length === 0) return undefined;
  const typeName = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
  const options = HttpProtocolOptions.fromPartial({
    ...(isMirror && { commonHttpProtocolOptions: { maxStreamDuration: seconds(MOST_COPY_SECONDS) } }),
    upstreamProtocolOptions: upstreamProtocol(protocol, isMirror ? BUFFER : STREAM_WINDOW),
    httpFilters,
    hashPolicy,
  });
  return { typedExtensionProtocolOptions: { [typeName]: pack(typeName, HttpProtocolOptions, options) } };
}
