import { hash } from 'node:crypto';
import * as compile from '../compile/index.ts';
import { typeUrl } from '../envoy/any.ts';
import { RouteConfiguration } from '../envoy/gen/envoy/config/route/v3/route.ts';
import { Any } from '../envoy/gen/google/protobuf/any.ts';
import type { XdsResource } from '../xds/resource.ts';
import { wrapped } from './encode.ts';

export const ROUTES_URL = typeUrl('envoy.config.route.v3.RouteConfiguration');

/** Version of the empty routes of a host without a tenant. */
export const NOTHING = 'nothing';

/** Encodes routes. The marker, where the message has one, answers with the version from now on. */
export function encodeRoutes(message: RouteConfiguration): XdsResource {
  const { buffer, byteOffset, byteLength } = RouteConfiguration.encode(message).finish();
  const value = Buffer.from(buffer, byteOffset, byteLength);
  const version = hash('sha256', value).slice(0, compile.UNVERSIONED.length);
  if (compile.isMarked(message)) value.write(version, value.indexOf(compile.UNVERSIONED), 'latin1');
  return { name: message.name, version, body: wrapped(ROUTES_URL, value) };
}

/** The same routes under another name. Their version, with which the marker in them answers, stays. */
export function renamed(resource: XdsResource, name: string): XdsResource {
  if (resource.name === name) return resource;
  const message = RouteConfiguration.decode(Any.decode(resource.body).value);
  const value = RouteConfiguration.encode({ ...message, name }).finish();
  return { ...resource, name, body: wrapped(ROUTES_URL, value) };
}

/** The routes of a name that nobody holds: every request gets 404. */
export const nothing = (name: string): XdsResource => ({
  ...encodeRoutes(compile.emptyRouteConfiguration(name)),
  version: NOTHING,
});

/** The clusters that encoded routes send requests to, and those that their policies call. */
export const clustersOf = (encoded: Buffer): readonly string[] =>
  compile.needsOf(RouteConfiguration.decode(Any.decode(encoded).value)).clusters;
