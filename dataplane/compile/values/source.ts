import { ApiVersion, ConfigSource } from '../../envoy/gen/envoy/config/core/v3/config_source.ts';

/** Where Envoy gets a resource from: always the one stream to the agent. */
export const ads: ConfigSource = ConfigSource.fromPartial({
  configSourceSpecifier: { $case: 'ads', value: {} },
  resourceApiVersion: ApiVersion.V3,
});
