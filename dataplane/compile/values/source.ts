import { ApiVersion, ConfigSource } from '../../envoy/gen/envoy/config/core/v3/config_source.ts';

/** The source of every resource: Envoy's one ADS stream to the agent. */
export const ads: ConfigSource = ConfigSource.fromPartial({
  configSourceSpecifier: { $case: 'ads', value: {} },
  resourceApiVersion: ApiVersion.V3,
});
