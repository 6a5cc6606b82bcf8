import { createPrivateKey, hash, X509Certificate } from 'node:crypto';
import { canonicalChain } from '../../model/kinds/certificate.ts';
import * as compile from '../compile/index.ts';
import { typeUrl } from '../envoy/any.ts';
import { Cluster } from '../envoy/gen/envoy/config/cluster/v3/cluster.ts';
import { ClusterLoadAssignment } from '../envoy/gen/envoy/config/endpoint/v3/endpoint.ts';
import { Listener } from '../envoy/gen/envoy/config/listener/v3/listener.ts';
import { RouteConfiguration } from '../envoy/gen/envoy/config/route/v3/route.ts';
import { ScopedRouteConfiguration } from '../envoy/gen/envoy/config/route/v3/scoped_route.ts';
import { Secret } from '../envoy/gen/envoy/extensions/transport_sockets/tls/v3/secret.ts';
import { Any } from '../envoy/gen/google/protobuf/any.ts';
import type { XdsResource } from '../xds/resource.ts';

/** A scope's content follows from its name and from which name of its routes it points to: the version tells which. */
const FIRST = '1';
const SECOND = '2';

/** Whether the version that a client holds of a scope points to the second name of its routes. */
export const pointsToSecond = (version: string): boolean => version === SECOND;

function body(type: string, value: Uint8Array): Buffer {
  return Buffer.from(Any.encode({ typeUrl: typeUrl(type), value }).finish());
}

function hashed(name: string, type: string, value: Uint8Array): XdsResource {
  return {
    name,
    version: hash('sha256', value, 'base64url').slice(0, 16),
    body: body(type, value),
  };
}

export const listener = (message: Listener): XdsResource =>
  hashed(message.name, 'envoy.config.listener.v3.Listener', Listener.encode(message).finish());

export const cluster = (message: Cluster): XdsResource =>
  hashed(message.name, 'envoy.config.cluster.v3.Cluster', Cluster.encode(message).finish());

export const endpoints = (message: ClusterLoadAssignment): XdsResource =>
  hashed(
    message.clusterName,
    'envoy.config.endpoint.v3.ClusterLoadAssignment',
    ClusterLoadAssignment.encode(message).finish(),
  );

/** Its marker, where the message has one, answers its version from now on. */
export function routes(message: RouteConfiguration): XdsResource {
  const { buffer, byteOffset, byteLength } = RouteConfiguration.encode(message).finish();
  const value = Buffer.from(buffer, byteOffset, byteLength);
  const version = hash('sha256', value).slice(0, compile.UNVERSIONED.length);
  if (compile.isMarked(message)) value.write(version, value.indexOf(compile.UNVERSIONED), 'latin1');
  return { name: message.name, version, body: body('envoy.config.route.v3.RouteConfiguration', value) };
}

export const scope = (message: ScopedRouteConfiguration): XdsResource => ({
  name: message.name,
  version: compile.parseRoutesName(message.routeConfigurationName).form === 'second' ? SECOND : FIRST,
  body: body('envoy.config.route.v3.ScopedRouteConfiguration', ScopedRouteConfiguration.encode(message).finish()),
});

/** The same routes under another name. Their version, which the marker in them answers, stays. */
export function renamed(resource: XdsResource, name: string): XdsResource {
  if (resource.name === name) return resource;
  const message = RouteConfiguration.decode(Any.decode(resource.body).value);
  const value = RouteConfiguration.encode({ ...message, name }).finish();
  return { ...resource, name, body: body('envoy.config.route.v3.RouteConfiguration', value) };
}

/** What a name is answered with that nobody holds: every request gets 404. */
export const nothing = (name: string): XdsResource => ({
  ...routes(compile.emptyRouteConfiguration(name)),
  version: 'nothing',
});

/**
 * @param serverName the name Envoy asked for, in the client's own case
 * @returns undefined when the key is not the certificate's: Envoy would refuse the pair and leave the handshake hanging
 */
export function secret(serverName: string, chain: string, privateKey: string): XdsResource | undefined {
  // Older certificates were stored as written, before the API normalized them.
  const certificateChain = canonicalChain(chain);
  if (!new X509Certificate(certificateChain).checkPrivateKey(createPrivateKey(privateKey))) return undefined;
  const message = compile.secret(serverName, certificateChain, privateKey);
  const version = hash('sha256', certificateChain, 'base64url').slice(0, 16);
  return {
    name: serverName,
    version,
    body: body('envoy.extensions.transport_sockets.tls.v3.Secret', Secret.encode(message).finish()),
  };
}

/** The clusters that encoded routes send requests to, and those that their policies call. */
export const clustersOf = (encoded: Buffer): readonly string[] =>
  compile.needsOf(RouteConfiguration.decode(Any.decode(encoded).value)).clusters;
