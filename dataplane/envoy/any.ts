import type { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { Any } from './gen/google/protobuf/any.ts';

interface Encodable<T> {
  encode(message: T): BinaryWriter;
}

/** `type.googleapis.com/` and the message's full name, as Envoy writes a type URL. */
export const typeUrl = <Name extends string>(name: Name) => `type.googleapis.com/${name}` as const;

/** Wraps a message for a field that takes any extension: `pack('envoy.extensions.….Router', Router, Router.create())`. */
export function pack<T>(name: string, type: Encodable<T>, message: T): Any {
  return { typeUrl: typeUrl(name), value: type.encode(message).finish() };
}
