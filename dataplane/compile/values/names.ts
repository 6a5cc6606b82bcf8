import { hash } from 'node:crypto';
import { MESH_PORT } from '../../../model/binding/mesh.ts';
import type { TlsProfile } from '../../../model/binding/tls-profile.ts';
import type { ListenerProtocol } from './port.ts';

/**
 * The names of Envoy's resources. Each kind of name has a function that writes it and one that reads it, with two
 * exceptions: Envoy's name of a scope cannot be read back, and clients choose the names of secrets. The names of
 * clusters begin with their tenant.
 */

/** The key of a scope, by which Envoy finds the routes of a request. */
export interface ScopeKey {
  /** The part before the host: see {@link zoneOf}. */
  zone: string;
  /** An exact host or a wildcard such as `*.example.com`. */
  host: string;
}

/** @returns for example `80|a.example.com` */
export const scopeKey = (zone: string | number, host: string): string => `${zone}|${host}`;

/** Reads what {@link scopeKey} wrote. */
export function parseScopeKey(key: string): ScopeKey {
  const bar = key.indexOf('|');
  return { zone: key.slice(0, bar), host: key.slice(bar + 1) };
}

/**
 * Whether a scope key is the key of a host, which Envoy looks up per request. The other keys name a whole port that
 * belongs to one tenant, such as `tcp/5432|*`, a server name whose connections are forwarded, or one of HTTP/3.
 */
export const isHostKey = (key: string): boolean => !/^(?:(?:tcp|udp)\/|\d+~(?:passthrough|http3)\|)/.test(key);

/** Whether a scope key is the key of a host of the mesh, whose zone is {@link MESH_PORT}. */
export const isMeshKey = (key: string): boolean => key.startsWith(scopeKey(MESH_PORT, ''));

/**
 * Returns the zone of a scope: the connections through which its requests come. It is the port, and for a TLS profile
 * also a digest of the profile. A request therefore never reaches a host whose TLS profile its connection does not have,
 * even if the host had another profile when the connection was opened.
 *
 * @returns for example `443`, or `443~a1b2c3d4e5f60718`; in lower case, because a script lowers keys
 */
export const zoneOf = (port: number, tenant: string, profile: TlsProfile | undefined): string =>
  profile ? `${profileZones(port)}${profileDigest(tenant, profile)}` : String(port);

/** Returns the text with which the zones of all TLS profiles of a port begin. */
export const profileZones = (port: number): string => `${port}~`;

/**
 * Returns the zone under which the replica stores the server names of a port whose connections are forwarded. It begins
 * as the zones of TLS profiles do. Envoy looks up no scope in it.
 */
export const forwardingZone = (port: number): string => `${profileZones(port)}passthrough`;

/**
 * The name of the filter chain of a rule that forwards connections. Without a rule, it is the name of no chain, so Envoy
 * closes the connection.
 *
 * @param decryption present when connections are decrypted first
 * @returns for example `acme/443~passthrough/vault/tls/0`, or `acme/443~passthrough/vault/tls/0/a1b2c3d4e5f60718`
 */
export function forwardingChainName(
  port: number,
  tenant: string,
  placed?: { chain: string },
  decryption?: { profile?: TlsProfile },
): string {
  const zone = `${tenant}/${forwardingZone(port)}`;
  if (!placed) return zone;
  const name = `${zone}/${placed.chain}`;
  return decryption ? `${name}/${profileDigest(tenant, decryption.profile ?? {})}` : name;
}

/**
 * Returns the zone under which the replica stores the server names of a port that are served over HTTP/3 too. Envoy looks
 * up no scope in it: their requests have the same scopes as those over TCP.
 */
export const http3Zone = (port: number): string => `${profileZones(port)}http3`;

/**
 * The name of the filter chain for HTTP/3 of a tenant's certificates, with one TLS profile.
 *
 * @returns for example `acme/443~http3/a1b2c3d4e5f60718`
 */
export const http3ChainName = (
  port: number,
  tenant: string,
  credentials: readonly string[],
  profile: TlsProfile | undefined,
): string =>
  `${tenant}/${http3Zone(port)}/${hash('sha256', JSON.stringify([credentials, profile]), 'hex').slice(0, 16)}`;

const profileDigest = (tenant: string, profile: TlsProfile): string =>
  hash('sha256', JSON.stringify([tenant, profile]), 'hex').slice(0, 16);

/** Returns the port of a zone: the number that tenants write. */
export const portOfZone = (zone: string): number => Number.parseInt(zone, 10);

/** Whether the zone belongs to a TLS profile. */
export const isProfileZone = (zone: string): boolean => zone.includes('~');

/**
 * The name of the filter chain of a TLS profile. Tenants share no chain, so that a chain that Envoy rejects affects only
 * its tenant.
 *
 * @returns for example `acme/443~a1b2c3d4e5f60718`
 */
export const profileChainName = (port: number, tenant: string, profile: TlsProfile): string =>
  `${tenant}/${zoneOf(port, tenant, profile)}`;

/**
 * Returns the name under which Envoy stores a scope. It is a digest of the scope key, so the key cannot be read from
 * it.
 *
 * Envoy copies its table of all scope names when one scope changes. A name of up to 15 bytes needs no allocation of its
 * own. At 100,000 hosts, a new host therefore costs Envoy 4 ms instead of 10, and each host costs 300 bytes less.
 *
 * @returns 15 characters of base64url
 */
export const scopeName = (key: string): string => hash('sha256', key, 'base64url').slice(0, 15);

/**
 * The form of the name of a host's routes. For Envoy, the RouteConfiguration of a host has two names, `first` and
 * `second`. When the host's scope changes from one name to the other, Envoy drops the routes that it loaded. gRPC
 * clients get other routes under the third name, because they reject fields that they do not support.
 */
export type RoutesForm = 'first' | 'second' | 'grpc';

/** The parts of the name of a RouteConfiguration. */
export interface RoutesName {
  /** The key of the host's scope. */
  key: string;
  form: RoutesForm;
}

const PREFIX = { first: '', second: 'again|', grpc: 'grpc|' } as const satisfies Record<RoutesForm, string>;

/** @returns the name of a RouteConfiguration, for example `80|a.example.com` or `again|80|a.example.com` */
export const routesName = (key: string, form: RoutesForm): string => PREFIX[form] + key;

/** Reads what {@link routesName} wrote. Keys begin with a zone, so no key looks like a prefix. */
export function parseRoutesName(name: string): RoutesName {
  if (name.startsWith(PREFIX.second)) return { key: name.slice(PREFIX.second.length), form: 'second' };
  if (name.startsWith(PREFIX.grpc)) return { key: name.slice(PREFIX.grpc.length), form: 'grpc' };
  return { key: name, form: 'first' };
}

/**
 * The name of the listener of a port.
 *
 * @param port the number that tenants write, not the one that Envoy binds
 * @returns for example `https-443`
 */
export const listenerName = (protocol: ListenerProtocol, port: number): string => `${protocol.toLowerCase()}-${port}`;

/**
 * Reads what {@link listenerName} wrote, for any protocol.
 *
 * @returns the port that tenants write; undefined for other listeners, such as the one for probes
 */
export function parseListenerName(name: string): { port: number } | undefined {
  const port = /^[a-z][a-z\d]*-(\d+)$/.exec(name)?.[1];
  return port === undefined ? undefined : { port: Number(port) };
}

/** The parts of the name of a cluster. */
export interface ClusterName {
  tenant: string;
  upstream: string;
  /** Undefined for the whole upstream. */
  subset?: string;
  /** Whether the cluster receives copies of requests. It has no endpoint of `dns: logical`. */
  isMirror?: true;
}

/** @returns for example `acme/reviews` or `acme/reviews/v2` */
export const clusterName = (tenant: string, upstream: string, subset?: string): string =>
  subset === undefined ? `${tenant}/${upstream}` : `${tenant}/${upstream}/${subset}`;

/** @returns for example `acme/reviews//mirror` or `acme/reviews/v2/mirror` */
export const mirrorName = (tenant: string, upstream: string, subset = ''): string =>
  `${clusterName(tenant, upstream, subset)}/${MIRROR}`;

const MIRROR = 'mirror';

/** Reads what {@link clusterName} or {@link mirrorName} wrote. */
export function parseClusterName(name: string): ClusterName {
  const [tenant = '', upstream = '', subset, use] = name.split('/');
  return { tenant, upstream, ...(subset && { subset }), ...(use === MIRROR && { isMirror: true }) };
}

/**
 * The parts of the name of a secret: the server name (SNI) of a TLS handshake, in the case in which the client wrote
 * it.
 */
export interface SecretName {
  serverName: string;
}

/**
 * Reads the name of a secret. Envoy requests a certificate under the bare server name that an untrusted client wrote.
 * The agent sends the secret under that same name, so no function writes names of secrets.
 *
 * HTTPS listeners close connections whose server name has other characters than these (`listeners/server-name.ts`). So
 * a secret to which only generated listeners and clusters may refer needs a slash in its name
 * (docs/decisions/0027-secret-names.md).
 *
 * @returns undefined when no host can have the name; the agent then responds that the secret does not exist
 */
export function parseSecretName(name: string): SecretName | undefined {
  return /^[A-Za-z0-9._-]{1,255}$/.test(name) ? { serverName: name } : undefined;
}

/** The parts of the name of a secret that is built from a resource of a tenant, for example from its certificate. */
export interface ResourceSecretName {
  /** The kind of secret: a key of `secretKinds`. */
  kind: string;
  tenant: string;
  /** The name of the resource. */
  name: string;
}

/**
 * The name of a secret to which only generated listeners, clusters and policies refer. Server names, which clients
 * choose, have no slash, so the name never equals one of them.
 *
 * @returns for example `ca/acme/internal`
 */
export const resourceSecretName = (kind: string, tenant: string, name: string): string => `${kind}/${tenant}/${name}`;

/** Reads what {@link resourceSecretName} wrote. @returns undefined for server names, and for anything else */
export function parseResourceSecretName(secret: string): ResourceSecretName | undefined {
  const [kind = '', tenant = '', name = '', ...more] = secret.split('/');
  return kind && tenant && name && more.length === 0 ? { kind, tenant, name } : undefined;
}

/**
 * The header that carries the scope key from the listener to the scope lookup. Its prefix is reserved, because some
 * applications use a header `x-scope`.
 */
export const SCOPE_HEADER = 'x-gatehouse-scope';
/**
 * The header with the server name of the TLS handshake, as `serverNamed` writes it. Its value becomes {@link COVERED}
 * once a script has found that the connection may carry requests for the host.
 */
export const SERVER_NAME_HEADER = 'x-gatehouse-server-name';
/** Writes a server name for the header. The prefix ensures that no client can send the value {@link COVERED}. */
export const serverNamed = (name: string): string => `sni=${name}`;
/**
 * Writes a server name for the header on connections with a TLS profile. These carry requests for this name alone, even
 * if the certificate covers others.
 */
export const ownServerNamed = (name: string): string => `own=${name}`;
/** The value of {@link SERVER_NAME_HEADER} on a request whose connection may carry requests for its host. */
export const COVERED = 'covered';
/**
 * The header that marks the agent's probes. All public listeners remove it from requests, like every header with the
 * reserved prefix.
 */
export const PROBE_HEADER = 'x-gatehouse-probe';
/** The path under which the marker of a RouteConfiguration answers its version to probes. */
export const REVISION_PATH = '/.well-known/gatehouse/revision';

/**
 * A request header that no request has: a route that finds its cluster by it sends requests nowhere. The edge removes
 * the client's own header of this name.
 */
export const NO_CLUSTER_HEADER = 'x-gatehouse-no-cluster';
