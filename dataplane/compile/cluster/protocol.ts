import type { Upstream } from '../../../model/kinds/upstream.ts';
import { pack } from '../../envoy/any.ts';
import type { Cluster } from '../../envoy/gen/envoy/config/cluster/v3/cluster.ts';
import type { HttpFilter } from '../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import {
  HttpProtocolOptions,
  HttpProtocolOptions_AutoHttpConfig,
} from '../../envoy/gen/envoy/extensions/upstreams/http/v3/http_protocol_options.ts';
import { hashPolicies } from './hash-policy.ts';

type Options = HttpProtocolOptions['upstreamProtocolOptions'];

const http1: Options = {
  $case: 'explicitHttpConfig',
  value: { protocolConfig: { $case: 'httpProtocolOptions', value: {} as never } },
};
const http2: Options = {
  $case: 'explicitHttpConfig',
  value: { protocolConfig: { $case: 'http2ProtocolOptions', value: {} as never } },
};

const http3: Options = {
  $case: 'explicitHttpConfig',
  value: { protocolConfig: { $case: 'http3ProtocolOptions', value: {} as never } },
};

const protocols: Readonly<Record<NonNullable<Upstream['protocol']>, Options>> = {
  HTTP: http1,
  HTTP2: http2,
  HTTP3: http3,
  GRPC: http2,
  AUTO: {
    $case: 'autoConfig',
    value: HttpProtocolOptions_AutoHttpConfig.fromPartial({ httpProtocolOptions: {}, http2ProtocolOptions: {} }),
  },
};

/** Whether the endpoints expect HTTP/2. */
export const speaksHttp2 = ({ protocol }: Pick<Upstream, 'protocol'>): boolean =>
  protocol === 'HTTP2' || protocol === 'GRPC';

/**
 * Builds the HTTP options of a cluster. Returns undefined for Envoy's default: HTTP/1.1 without upstream filters.
 *
 * @param httpFilters filters that examine each request once its endpoint is chosen
 */
export function protocolOptions(
  { protocol = 'HTTP', loadBalancer }: Pick<Upstream, 'protocol' | 'loadBalancer'>,
  httpFilters: HttpFilter[],
): Pick<Cluster, 'typedExtensionProtocolOptions'> | undefined {
  const hashPolicy = loadBalancer ? hashPolicies(loadBalancer) : [];
  if (protocol === 'HTTP' && httpFilters.length === 0 && hashPolicy.length === 0) return undefined;
  const typeName = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
  const options = HttpProtocolOptions.fromPartial({
    upstreamProtocolOptions: protocols[protocol],
    httpFilters,
    hashPolicy,
  });
  return { typedExtensionProtocolOptions: { [typeName]: pack(typeName, HttpProtocolOptions, options) } };
}
