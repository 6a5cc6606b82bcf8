import { DEFAULT_UPGRADES } from '../../../model/route/upgrades.ts';
import { RouteAction_UpgradeConfig as UpgradeConfig } from '../../envoy/gen/envoy/config/route/v3/route_components.ts';

/**
 * Builds the settings of a route for upgrades, where they differ from those of the connection manager, which allows
 * {@link DEFAULT_UPGRADES}. They apply when Envoy has loaded the host; for the first request the filter in
 * `manager/filters/upgrades.ts` decides.
 */
export const upgradeConfigs = (upgrades: readonly string[] = DEFAULT_UPGRADES): UpgradeConfig[] => [
  // Envoy rejects a protocol that is listed twice, which the API once accepted.
  ...[...new Set(upgrades)].filter((each) => !DEFAULT_UPGRADES.includes(each)).map((each) => config(each, true)),
  ...DEFAULT_UPGRADES.filter((each) => !upgrades.includes(each)).map((each) => config(each, false)),
];

const config = (upgradeType: string, enabled: boolean) => UpgradeConfig.fromPartial({ upgradeType, enabled });
