import { hash } from 'node:crypto';
import * as compile from '../../compile/index.ts';
import { typeUrl } from '../../envoy/any.ts';
import { RouteConfiguration } from '../../envoy/gen/envoy/config/route/v3/route.ts';
import { Any } from '../../envoy/gen/google/protobuf/any.ts';
import type { XdsResource } from '../../xds/resource.ts';
import { wrapped } from '../encode.ts';

export const ROUTES_URL = typeUrl('envoy.config.route.v3.RouteConfiguration');

/** The version of the empty routes of a host that no tenant has. */
export const NOTHING = 'nothing';

/**
 * Encodes routes. The version is a hash of the encoded message. It is then written into the marker. This first
 * route answers the version to probes.
 */
export function encodeRoutes(message: RouteConfiguration): XdsResource {
  const { buffer, byteOffset, byteLength } = RouteConfiguration.encode(message).finish();
  const value = Buffer.from(buffer, byteOffset, byteLength);
  const version = hash('sha256', value).slice(0, compile.UNVERSIONED.length);
  if (compile.isMarked(message)) value.write(version, value.indexOf(compile.UNVERSIONED), 'latin1');
  return { name: message.name, version, body: wrapped(ROUTES_URL, value) };
}

/** Returns the same routes under another name. The version does not change, nor does the marker that answers it. */
export function renamed(resource: XdsResource, name: string): XdsResource {
  if (resource.name === name) return resource;
  const message = RouteConfiguration.decode(Any.decode(resource.body).value);
  const value = RouteConfiguration.encode({ ...message, name }).finish();
  return { ...resource, name, body: wrapped(ROUTES_URL, value) };
}

/** Returns the routes of a host that no tenant has. They answer 404 to every request. */
export const nothing = (name: string): XdsResource => ({
  ...encodeRoutes(compile.emptyRouteConfiguration(name)),
  version: NOTHING,
});

/** Returns the clusters to which encoded routes send requests, and the clusters that their policies call. */
export const clustersOf = (encoded: Buffer): readonly string[] =>
  compile.needsOf(RouteConfiguration.decode(Any.decode(encoded).value)).clusters;
