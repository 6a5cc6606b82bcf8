import { AGENT_CLUSTER } from '../../envoy/agent-cluster.ts';
import {
  ApiConfigSource,
  ApiConfigSource_ApiType as ApiType,
  ApiVersion,
  ConfigSource,
} from '../../envoy/gen/envoy/config/core/v3/config_source.ts';

/** The source of nearly every resource: Envoy's one ADS stream to the agent. */
export const ads: ConfigSource = ConfigSource.fromPartial({
  configSourceSpecifier: { $case: 'ads', value: {} },
  resourceApiVersion: ApiVersion.V3,
});

/**
 * The source of the secrets that answer challenges of certificate authorities. Envoy opens a stream to the agent for
 * each of them. It asks under the server name of the handshake, as for the certificates of hosts, and keeps secrets of
 * different sources apart.
 */
export const challengeSecrets: ConfigSource = ConfigSource.fromPartial({
  configSourceSpecifier: {
    $case: 'apiConfigSource',
    value: ApiConfigSource.fromPartial({
      apiType: ApiType.DELTA_GRPC,
      transportApiVersion: ApiVersion.V3,
      grpcServices: [{ targetSpecifier: { $case: 'envoyGrpc', value: { clusterName: AGENT_CLUSTER } } }],
    }),
  },
  resourceApiVersion: ApiVersion.V3,
});
