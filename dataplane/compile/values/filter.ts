import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import { pack } from '../../envoy/any.ts';
import type { HttpFilter } from '../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';

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
