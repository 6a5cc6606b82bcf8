import { BinaryWriter } from '@bufbuild/protobuf/wire';
import type { XdsResource } from './resource.ts';

/**
 * One response, encoded in parts. While it waits, it holds references to shared bodies and no copies. Writing it only
 * joins the parts, because an error during the write would end the whole stream.
 */
export type Response = readonly Uint8Array[];

/** A resource, encoded as a field of a response. */
export interface Framed {
  readonly name: string;
  /** The bytes before the body. */
  readonly head: Uint8Array;
  readonly body: Uint8Array;
}

/** A response before it is encoded. */
export interface Message {
  readonly type: string;
  readonly nonce: string;
  /** SotW only: the version of the response as a whole. */
  readonly version: string;
  readonly resources: readonly Framed[];
  /** Delta only: names that do not exist (any more). */
  readonly removed: readonly string[];
}

// A tag consists of the field's number and the wire type. These messages use only type 2, length-delimited.
const field = (number: number) => (number << 3) | 2;

/**
 * Encodes a Resource of a DeltaDiscoveryResponse around a body that is encoded already.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/discovery/v3/discovery.proto#service-discovery-v3-resource
 *
 * @throws TypeError when a part of the resource has the wrong type
 */
export function frameDelta({ name, version, body }: XdsResource): Framed {
  const writer = new BinaryWriter();
  writer.uint32(field(2)).uint32(lengthOf(version) + lengthOf(body) + lengthOf(name));
  writer.uint32(field(1)).string(version);
  writer.uint32(field(3)).string(name);
  writer.uint32(field(2)).uint32(body.length);
  return { name, head: writer.finish(), body };
}

/**
 * Encodes a resource of a DiscoveryResponse around a body that is encoded already.
 *
 * @throws TypeError when the body is not a byte array
 */
export function frameSotw({ name, body }: XdsResource): Framed {
  const writer = new BinaryWriter();
  lengthOf(body);
  writer.uint32(field(2)).uint32(body.length);
  return { name, head: writer.finish(), body };
}

/**
 * Encodes a DeltaDiscoveryResponse around resources from {@link frameDelta}.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/discovery/v3/discovery.proto#service-discovery-v3-deltadiscoveryresponse
 */
export function encodeDelta({ type, nonce, resources, removed }: Message): Response {
  const writer = new BinaryWriter();
  writer.uint32(field(4)).string(type);
  writer.uint32(field(5)).string(nonce);
  for (const name of removed) writer.uint32(field(6)).string(name);
  return [...partsOf(resources), writer.finish()];
}

/**
 * Encodes a DiscoveryResponse around resources from {@link frameSotw}.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/service/discovery/v3/discovery.proto#service-discovery-v3-discoveryresponse
 */
export function encodeSotw({ type, nonce, version, resources }: Message): Response {
  const writer = new BinaryWriter();
  writer.uint32(field(1)).string(version);
  writer.uint32(field(4)).string(type);
  writer.uint32(field(5)).string(nonce);
  return [...partsOf(resources), writer.finish()];
}

/** Joins the parts of a response into one buffer, which is a copy. */
export const joined = (response: Response): Buffer => Buffer.concat(response);

/** Returns the size of a response in bytes. */
export const sizeOf = (response: Response): number => response.reduce((sum, { length }) => sum + length, 0);

const partsOf = (resources: readonly Framed[]): Uint8Array[] => resources.flatMap(({ head, body }) => [head, body]);

/** Returns the size of a string or byte field in bytes, including its one-byte tag and its length. */
function lengthOf(value: string | Uint8Array): number {
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) throw new TypeError('neither text nor bytes');
  const length = Buffer.byteLength(value);
  return 1 + varintLength(length) + length;
}

function varintLength(value: number): number {
  let length = 1;
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) length++;
  return length;
}
