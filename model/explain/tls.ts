/** Finds out whether a client gets a connection for a request, and whether the connection may carry the request. */
import { forwarded } from '../binding/forwarding.ts';
import { portBindings, portZone } from '../binding/ports.ts';
import { shareServer } from '../binding/same-server.ts';
import { certificateFor, type Scope, type ScopeTable } from '../binding/scope-table.ts';
import { type Admission, decidingAdmission } from '../binding/server-hosts.ts';
import type { TlsProfile } from '../binding/tls-profile.ts';
import type { Configuration } from '../configuration.ts';
import { type Fleet, portsAt } from '../fleet.ts';
import { ruleFor, rulesOfPort } from '../matching/connections.ts';
import { isIn } from '../values/cidr.ts';
import { patternsCovering } from '../values/host.ts';
import { isSecured, sendsHost, transportOf } from '../values/protocol.ts';
import { resourceName } from '../violations.ts';
import { type ClientRequest, SOME_CLIENT, serverNameOf } from './arrival.ts';
import { canonicalHost, type FoundScope } from './lookup.ts';

/** How a client reaches the fleet. */
interface Connection {
  port: number;
  scheme: 'http' | 'https';
  request: ClientRequest;
  /** Whether the fleet has a certificate of another tenant for the server name. */
  isOpenedByOther: boolean;
}

/** Returns the reason why the client gets no connection; undefined when it gets one. */
export function whyNoConnection(
  table: ScopeTable,
  at: { configuration: Configuration; tenant: string; fleet: Fleet },
  { port, scheme, request, isOpenedByOther }: Connection,
): string | undefined {
  const { fleet } = at;
  const numbered = portsAt(fleet, port);
  const offered = numbered.find(({ protocol }) => transportOf(protocol) === 'tcp') ?? numbered[0];
  if (!offered) return `the fleet ${fleet.name} does not offer port ${port}`;
  if (!sendsHost(offered.protocol)) return whyNoRequests(at, offered, request);
  if (isSecured[offered.protocol] !== (scheme === 'https'))
    return `port ${port} of the fleet ${fleet.name} speaks ${offered.protocol}, not ${scheme}`;
  if (scheme === 'http') return undefined;
  const name = serverNameIn(request);
  const passed = whyForwarded(table, at.configuration, port, name, request);
  if (passed !== undefined) return passed;
  if (offered.protocol === 'TLS') return `no server of port ${port} admits ${name || 'a client that names no server'}`;
  if (isOpenedByOther) return undefined;
  const whose = name === '' ? 'a client that names no server' : name;
  if (certificateFor(table, name) === undefined)
    return `the TLS handshake fails: no HTTPS server with a certificate admits ${whose}`;
  const isRefused = request.clientCertificate === false && connectionProfile(table, port, name)?.client?.isRequired;
  return isRefused ? `the TLS handshake fails: ${name} requires a certificate of the client` : undefined;
}

/**
 * Returns the TLS profile of a connection, which the server name selects. A client without a server name gets the default
 * settings, even if a server with a profile admits `*`.
 */
const connectionProfile = (table: ScopeTable, port: number, serverName: string): TlsProfile | undefined =>
  serverName === '' ? undefined : table.profileAt(port, serverName);

/**
 * Returns the host by which Envoy looks up the scope of a request: on the connections of a TLS profile, the server name;
 * on all others, the authority.
 */
export const hostLookedUp = (
  table: ScopeTable,
  port: number,
  request: ClientRequest & { authority: string },
): string => (connectionProfile(table, port, serverNameIn(request)) ? serverNameIn(request) : request.authority);

/**
 * Returns the reason why the connection has another TLS profile than the host of the request, so that the response is
 * 421. Envoy checks this first.
 *
 * @param scope the scope that Envoy found
 */
export function whyOtherProfile(
  table: ScopeTable,
  scope: Scope,
  request: ClientRequest & { authority: string },
): string | undefined {
  const name = serverNameIn(request);
  const host = canonicalHost(request.authority);
  if (scope.admission.forwarding.size > 0)
    return `connections for ${host} are ${howForwarded(scope.admission)}, so no other connection may carry requests for it`;
  if (!connectionProfile(table, scope.port, name)) {
    const whose = name === '' ? 'that names no server' : `for ${name}`;
    return scope.profile && `${host} has other TLS settings than a connection ${whose}`;
  }
  // A host without routes has no route that compares the names: it answers 404.
  if (host === name || scope.routes.length === 0) return undefined;
  return `the TLS settings of ${name} are for that name alone, and the connection was opened for it, not for ${host}`;
}

/** Returns what becomes of a connection that is forwarded; undefined when requests on it are read. */
function whyForwarded(
  table: ScopeTable,
  configuration: Configuration,
  port: number,
  serverName: string,
  { clientAddress = SOME_CLIENT, clientCertificate }: ClientRequest,
): string | undefined {
  const onPort = table.admissionsAt(port);
  const admission = serverName === '' ? undefined : decidingAdmission(onPort, serverName);
  if (!admission || admission.forwarding.size === 0) return undefined;
  if (admission.decryption?.profile?.client?.isRequired && clientCertificate === false)
    return `the TLS handshake fails: ${serverName} requires a certificate of the client`;
  const rules = forwarded(configuration, port, onPort);
  const choices = [...patternsCovering(serverName)].map((host) => rules.get(host)).find((each) => each !== undefined);
  const found = choices?.find(({ sources }) => sources === undefined || isIn(clientAddress, sources));
  const served = found
    ? `${[found.rule.resource, found.rule.path].filter(Boolean).join(' ')} forwards the connection`
    : 'no rule matches the connection, so it is closed';
  return `connections for ${serverName} are ${howForwarded(admission)}, so no request is seen; ${served}`;
}

const howForwarded = ({ decryption }: Admission): string =>
  decryption ? 'decrypted and forwarded as they are' : 'passed through without being decrypted';

/** Returns what becomes of a connection to a port that carries no requests. */
function whyNoRequests(
  { configuration, tenant, fleet }: { configuration: Configuration; tenant: string; fleet: Fleet },
  port: Fleet['ports'][number],
  { clientAddress = SOME_CLIENT }: ClientRequest,
): string {
  const binding = portBindings(configuration, tenant, fleet).get(portZone(port));
  const found = binding && ruleFor(rulesOfPort(configuration, binding), port.number, clientAddress);
  const served = found
    ? `${resourceName('route', found.route)} /${found.section}/${found.index} forwards the connection`
    : 'no rule matches the connection, so it is closed';
  return `port ${port.number} is ${port.protocol}: it carries connections, not requests; ${served}`;
}

/** Returns the server name that the client sends in the TLS handshake, in lower case; empty when it sends none. */
export const serverNameIn = ({ serverName, authority }: ClientRequest): string =>
  (serverName ?? serverNameOf(authority)).toLowerCase();

/**
 * Returns the reason why the connection may not carry the request, so that the response is 421 (RFC 9110 §15.5.20).
 * Undefined when it may. The built-in routes and the scripts in `dataplane/compile` make the same decision in Envoy.
 */
export function whyMisdirected(
  configuration: Configuration,
  table: ScopeTable,
  { scope, below }: FoundScope,
  request: ClientRequest & { authority: string },
): string | undefined {
  if (scope.profile) return undefined;
  const name = serverNameIn(request);
  if (name === scope.host || (name === '' && scope.host === '*')) return undefined;
  const host = canonicalHost(request.authority);
  if (name === host) return undefined;
  const opened = decidingAdmission(table.admissionsAt(scope.port), name || '*');
  if (scope.admission.sameServerOnly && !(opened && shareServer(opened, scope.admission)))
    return `the connection was opened for ${name === '' ? 'no name' : name}, which is not a host of the server of ${host}`;
  if (below.includes(name)) return undefined;
  const names = configuration.info('certificate', certificateFor(table, name) ?? '')?.dnsNames ?? [];
  const wildcard = host.replace(/^[^.]*/, '*');
  if (names.some((each) => [host, wildcard].includes(each.toLowerCase()) && each !== '*')) return undefined;
  return `the connection was opened for ${name === '' ? 'no name' : name}, and its certificate does not cover ${host}`;
}
