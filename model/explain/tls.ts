/** Finds out whether a client gets a connection for a request, and whether the connection may carry the request. */
import { shareServer } from '../binding/same-server.ts';
import { certificateFor, type Scope, type ScopeTable } from '../binding/scope-table.ts';
import { decidingAdmission } from '../binding/server-hosts.ts';
import type { TlsProfile } from '../binding/tls-profile.ts';
import type { Configuration } from '../configuration.ts';
import { type Fleet, portsAt } from '../fleet.ts';
import { isSecured, sendsHost, transportOf } from '../values/protocol.ts';
import { type ClientRequest, serverNameOf } from './arrival.ts';
import { byServerName, type Connected, howForwarded, onPort, refused } from './connection.ts';
import { canonicalHost, type FoundScope } from './lookup.ts';

/** How a client reaches the fleet. */
interface Connection {
  port: number;
  scheme: 'http' | 'https';
  request: ClientRequest;
  /** Whether the fleet has a certificate of another tenant for the server name. */
  isOpenedByOther: boolean;
}

/** Returns why the edge reads no requests of the client: it gets no connection, or the connection is forwarded. */
export function withoutRequests(
  table: ScopeTable,
  at: { configuration: Configuration; tenant: string; fleet: Fleet },
  { port, scheme, request, isOpenedByOther }: Connection,
): Connected | undefined {
  const { fleet } = at;
  const { transport } = request;
  const numbered = portsAt(fleet, port);
  const offered = numbered.find(({ protocol }) => transportOf(protocol) === (transport ?? 'tcp')) ?? numbered[0];
  if (!offered) return refused(`the fleet ${fleet.name} does not offer port ${port}`);
  if (transport !== undefined && transportOf(offered.protocol) !== transport)
    return refused(`the fleet ${fleet.name} does not offer port ${port} for ${transport.toUpperCase()}`);
  if (!sendsHost(offered.protocol)) return onPort(at, offered, request);
  if (isSecured[offered.protocol] !== (scheme === 'https'))
    return refused(`port ${port} of the fleet ${fleet.name} speaks ${offered.protocol}, not ${scheme}`);
  if (scheme === 'http') return undefined;
  const name = serverNameIn(request);
  const passed = byServerName(table, at, port, name, request);
  if (passed) return passed;
  if (offered.protocol === 'TLS')
    return refused(`no server of port ${port} admits ${name || 'a client that names no server'}`);
  if (isOpenedByOther) return undefined;
  const whose = name === '' ? 'a client that names no server' : name;
  if (certificateFor(table, name) === undefined)
    return refused(`the TLS handshake fails: no HTTPS server with a certificate admits ${whose}`);
  const isRefused = request.clientCertificate === false && connectionProfile(table, port, name)?.client?.isRequired;
  return isRefused ? refused(`the TLS handshake fails: ${name} requires a certificate of the client`) : undefined;
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
