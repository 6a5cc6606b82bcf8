import type { Upstream } from '../../../model/kinds/upstream.ts';
import { intervalOf, type HealthCheck as Spec } from '../../../model/upstream/health-check.ts';
import { milliseconds } from '../../../model/values/duration.ts';
import type { Cluster } from '../../envoy/gen/envoy/config/cluster/v3/cluster.ts';
import {
  HeaderValueOption_HeaderAppendAction as Append,
  RequestMethod,
} from '../../envoy/gen/envoy/config/core/v3/base.ts';
import { HealthCheck } from '../../envoy/gen/envoy/config/core/v3/health_check.ts';
import { CodecClientType } from '../../envoy/gen/envoy/type/v3/http.ts';
import { literal } from '../header.ts';
import { duration, seconds } from '../values/duration.ts';
import { speaksHttp2 } from './protocol.ts';

/**
 * Builds the health checks of a cluster.
 *
 * @param name the name of the upstream, which is the default Host header
 */
export function healthChecking(upstream: Upstream, name: string): Partial<Cluster> {
  const { healthChecks, protocol } = upstream;
  // A check would open a TCP connection with the settings of QUIC, which ends the whole process of Envoy.
  if (!healthChecks || protocol === 'HTTP3') return {};
  return {
    healthChecks: healthChecks.map((spec) => healthCheck(spec, name, upstream)),
    // Otherwise Envoy keeps an endpoint that was removed, or that is denied now, for as long as its checks succeed.
    ignoreHealthOnHostRemoval: true,
  };
}

function healthCheck(spec: Spec, upstream: string, of: Upstream): HealthCheck {
  const codec = speaksHttp2(of) ? CodecClientType.HTTP2 : CodecClientType.HTTP1;
  const { timeout, unhealthyThreshold = 2, healthyThreshold = 2, port } = spec;
  const interval = duration(intervalOf(spec));
  return HealthCheck.fromPartial({
    timeout: timeout === undefined ? seconds(1) : duration(milliseconds(timeout)!),
    interval,
    // Envoys that start together do not check together.
    intervalJitterPercent: 10,
    // Otherwise Envoy checks an upstream that has had no traffic only once per minute.
    noTrafficInterval: interval,
    unhealthyThreshold,
    healthyThreshold,
    ...(port !== undefined && { altPort: port }),
    ...(of.tls && {
      tlsOptions: { alpnProtocols: [codec === CodecClientType.HTTP2 ? 'h2' : 'http/1.1'] },
    }),
    healthChecker: checker(spec, upstream, codec),
  });
}

function checker({ http, tcp, grpc }: Spec, upstream: string, codec: CodecClientType): HealthCheck['healthChecker'] {
  if (http)
    return {
      $case: 'httpHealthCheck',
      value: {
        ...blankHttp,
        path: http.path,
        host: http.host ?? upstream,
        method: RequestMethod[http.method ?? 'GET'],
        expectedStatuses: (http.statuses ?? [200]).map((status) => ({ start: status, end: status + 1 })),
        requestHeadersToAdd: Object.entries(http.headers ?? {}).map(([key, value]) => ({
          header: { key, value: literal(value), rawValue: new Uint8Array(0) },
          appendAction: Append.OVERWRITE_IF_EXISTS_OR_ADD,
          keepEmptyValue: false,
        })),
        codecClientType: codec,
      },
    };
  if (grpc)
    return {
      $case: 'grpcHealthCheck',
      value: { serviceName: grpc.service ?? '', authority: grpc.authority ?? upstream, initialMetadata: [] },
    };
  return {
    $case: 'tcpHealthCheck',
    value: {
      send: tcp?.send === undefined ? undefined : payload(tcp.send),
      receive: tcp?.receive === undefined ? [] : [payload(tcp.receive)],
      proxyProtocolConfig: undefined,
    },
  };
}

const blankHttp = {
  send: undefined,
  receive: [],
  responseBufferSize: undefined,
  requestHeadersToRemove: [],
  retriableStatuses: [],
  useAlpnProtocol: false,
  serviceNameMatcher: undefined,
};

/** Envoy reads the text of a payload as hexadecimal digits. */
const payload = (text: string) => ({
  payload: { $case: 'text' as const, value: Buffer.from(text, 'utf8').toString('hex') },
});
