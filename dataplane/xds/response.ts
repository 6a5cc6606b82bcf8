import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { XdsResource } from './resource.ts';

/** What one response says. It stays in this form while it waits: a queue then holds references to shared bodies, not copies. */
export interface Response {
  readonly type: string;
  readonly nonce: string;
  /** SotW only: the version of the response as a whole. */
  readonly version: string;
  readonly resources: readonly XdsResource[];
  /** Delta only: names that do not exist (any more). */
  readonly removed: readonly string[];
}

// A tag is the field's number and wire type 2, length-delimited: all that these messages use.
const field = (number: number) => (number << 3) | 2;

/**
 * Encodes a DeltaDiscoveryResponse around bodies that are encoded already.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/discovery/v3/discovery.proto#service-discovery-v3-deltadiscoveryresponse
 */
export function encodeDelta({ type, nonce, resources, removed }: Response): Buffer {
  const writer = new BinaryWriter();
  for (const { name, version, body } of resources) {
    writer.uint32(field(2)).uint32(lengthOf(version) + lengthOf(body) + lengthOf(name));
    writer.uint32(field(1)).string(version);
    writer.uint32(field(2)).bytes(body);
    writer.uint32(field(3)).string(name);
  }
  writer.uint32(field(4)).string(type);
  writer.uint32(field(5)).string(nonce);
  for (const name of removed) writer.uint32(field(6)).string(name);
  return bufferOf(writer);
}

/**
 * Encodes a DiscoveryResponse around bodies that are encoded already.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/discovery/v3/discovery.proto#service-discovery-v3-discoveryresponse
 */
export function encodeSotw({ type, nonce, version, resources }: Response): Buffer {
  const writer = new BinaryWriter();
  writer.uint32(field(1)).string(version);
  for (const { body } of resources) writer.uint32(field(2)).bytes(body);
  writer.uint32(field(4)).string(type);
  writer.uint32(field(5)).string(nonce);
  return bufferOf(writer);
}

/** Bytes a response will take, near enough to bound a queue by. */
export function sizeOf({ resources, removed }: Response): number {
  let size = 128;
  for (const { name, body } of resources) size += body.length + name.length + 32;
  for (const name of removed) size += name.length + 4;
  return size;
}

/** Bytes of a string or byte field, its one-byte tag and its length included. */
function lengthOf(value: string | Buffer): number {
  const length = Buffer.byteLength(value);
  return 1 + varintLength(length) + length;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) length++;
  return length;
}

function bufferOf(writer: BinaryWriter): Buffer {
  const { buffer, byteOffset, byteLength } = writer.finish();
  return Buffer.from(buffer, byteOffset, byteLength);
}
