import { hash } from 'node:crypto';
import { Any } from '../envoy/gen/google/protobuf/any.ts';
import type { TypeUrl, XdsResource } from '../xds/resource.ts';

/** Wraps an encoded message in a `google.protobuf.Any` with its type URL. */
export const wrapped = (typeUrl: TypeUrl, value: Uint8Array): Buffer =>
  Buffer.from(Any.encode({ typeUrl, value }).finish());

/** A resource whose version is a hash of its encoded message. */
export const hashed = (name: string, typeUrl: TypeUrl, value: Uint8Array): XdsResource => ({
  name,
  version: hash('sha256', value, 'base64url').slice(0, 16),
  body: wrapped(typeUrl, value),
});
