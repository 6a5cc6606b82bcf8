import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import { pack } from '../../envoy/any.ts';
import { FilterConfig } from '../../envoy/gen/envoy/config/route/v3/route_components.ts';
import type { HttpFilter } from '../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import type { Any } from '../../envoy/gen/google/protobuf/any.ts';

/** Builds an HTTP filter of the connection manager. @param message the full name of the protobuf message of `config` */
export function filter<T>(
  name: string,
  message: string,
  type: { encode(message: T): BinaryWriter },
  config: T,
): HttpFilter {
  return {
    name,
    configType: { $case: 'typedConfig', value: pack(message, type, config) },
    isOptional: false,
    disabled: false,
  };
}

/** Settings of a virtual host or route: Envoy does not create these filters for requests that match it on arrival. */
export const notCreated = (names: readonly string[]): Record<string, Any> => withSettings(names, { disabled: true });

/** Settings of a route: Envoy creates these filters for its requests, whatever the virtual host says. */
export const created = (names: readonly string[]): Record<string, Any> => withSettings(names, { config: {} });

/** Envoy takes an empty `config` as "enabled", without settings of the filter. */
function withSettings(
  names: readonly string[],
  settings: { disabled: true } | { config: object },
): Record<string, Any> {
  const packed = pack('envoy.config.route.v3.FilterConfig', FilterConfig, FilterConfig.fromPartial(settings));
  return Object.fromEntries(names.map((name) => [name, packed]));
}
