import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { Any } from './gen/google/protobuf/any.ts';

interface Encodable<T> {
  encode(message: T): BinaryWriter;
}

/**
 * Returns the type URL of a message.
 *
 * @param name the message's full name, such as `envoy.config.cluster.v3.Cluster`
 * @returns for example `type.googleapis.com/envoy.config.cluster.v3.Cluster`
 */
export const typeUrl = <Name extends string>(name: Name) => `type.googleapis.com/${name}` as const;

/**
 * Wraps a message for a field that accepts any extension.
 *
 * @param name the full name of the message's type
 * @example pack('envoy.extensions.filters.http.router.v3.Router', Router, Router.create())
 */
export function pack<T>(name: string, type: Encodable<T>, message: T): Any {
  return { typeUrl: typeUrl(name), value: type.encode(message).finish() };
}
