/** Finds out whether a client gets a connection for a request, and whether the connection may carry the request. */
import { belongs, serverNames } from '../binding/same-server.ts';
import { offeredBy, portsAt } from '../fleet.ts';
import { isSecured, sendsHost, transportOf } from '../values/protocol.ts';
import { type ClientRequest, serverNameOf } from './arrival.ts';
import { byServerName, type Connected, howForwarded, onPort, refused } from './connection.ts';
import type { Edge, FoundScope } from './edge.ts';
import { canonicalHost } from './lookup.ts';

/** How a client reaches the fleet. */
interface Connection {
  port: number;
  scheme: 'http' | 'https';
  request: ClientRequest;
}

/** Returns why the edge reads no requests of the client: it gets no connection, or the connection is forwarded. */
export function withoutRequests(edge: Edge, { port, scheme, request }: Connection): Connected | undefined {
  const { fleet } = edge;
  const { transport } = request;
  const numbered = portsAt(fleet, port);
  const offered = numbered.find(({ protocol }) => transportOf(protocol) === (transport ?? 'tcp')) ?? numbered[0];
  if (!offered) return refused(`the fleet ${fleet.name} does not offer port ${port}: ${offeredBy(fleet)}`);
  if (transport !== undefined && transportOf(offered.protocol) !== transport)
    return refused(
      `the fleet ${fleet.name} does not offer port ${port} for ${transport.toUpperCase()}: ${offeredBy(fleet)}`,
    );
  if (!sendsHost(offered.protocol)) return onPort(edge, offered, request);
  if (isSecured[offered.protocol] !== (scheme === 'https'))
    return refused(`port ${port} of the fleet ${fleet.name} speaks ${offered.protocol}, not ${scheme}`);
  if (scheme === 'http') return undefined;
  const name = serverNameIn(request);
  const passed = byServerName(edge, port, name, request);
  if (passed) return passed;
  const whose = name === '' ? 'a client that names no server' : name;
  if (offered.protocol === 'TLS') return refused(`no server of port ${port} admits ${whose}`);
  if (edge.certifiedNames(name) === undefined)
    return refused(`the TLS handshake fails: no HTTPS server with a certificate admits ${whose}`);
  const isRefused = request.clientCertificate === false && edge.profileAt(port, name)?.client?.isRequired;
  return isRefused ? refused(`the TLS handshake fails: ${name} requires a certificate of the client`) : undefined;
}

/**
 * Returns the host by which Envoy looks up the scope of a request: on the connections of a TLS profile, the server name;
 * on all others, the authority.
 */
export const hostLookedUp = (edge: Edge, port: number, request: ClientRequest & { authority: string }): string =>
  edge.profileAt(port, serverNameIn(request)) ? serverNameIn(request) : request.authority;

/**
 * Returns the reason why the connection has another TLS profile than the host of the request, so that the response is
 * 421. Envoy checks this first.
 *
 * @param scope the scope that Envoy found
 */
export function whyOtherProfile(
  edge: Edge,
  { scope }: FoundScope,
  request: ClientRequest & { authority: string },
): string | undefined {
  const name = serverNameIn(request);
  const host = canonicalHost(request.authority);
  if (scope.admission.forwarding.size > 0)
    return `connections for ${host} are ${howForwarded(scope.admission)}, so no other connection may carry requests for it`;
  if (!edge.profileAt(scope.port, name)) {
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
  edge: Edge,
  { scope, below, of }: FoundScope,
  request: ClientRequest & { authority: string },
): string | undefined {
  if (scope.profile) return undefined;
  const name = serverNameIn(request);
  if (name === scope.host || (name === '' && scope.host === '*')) return undefined;
  const host = canonicalHost(request.authority);
  if (name === host) return undefined;
  const compared = serverNames(of.table.admissionsAt(scope.port), scope.admission);
  if (compared && !belongs(compared, name))
    return `the connection was opened for ${name === '' ? 'no name' : name}, which is not a host of the server of ${host}`;
  if (below.includes(name)) return undefined;
  const names = edge.certifiedNames(name) ?? [];
  const wildcard = host.replace(/^[^.]*/, '*');
  if (names.some((each) => [host, wildcard].includes(each.toLowerCase()) && each !== '*')) return undefined;
  return `the connection was opened for ${name === '' ? 'no name' : name}, and its certificate does not cover ${host}`;
}
