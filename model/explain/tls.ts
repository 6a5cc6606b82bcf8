/** Finds out whether a client gets a connection for a request, and whether the connection may carry the request. */
import { portBindings, portZone } from '../binding/ports.ts';
import { certificateFor, type ScopeTable } from '../binding/scope-table.ts';
import type { Configuration } from '../configuration.ts';
import type { Fleet } from '../fleet.ts';
import { ruleFor, rulesOfPort } from '../matching/connections.ts';
import { sendsHost } from '../values/protocol.ts';
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
  const offered = fleet.ports.find(({ number }) => number === port);
  if (!offered) return `the fleet ${fleet.name} does not offer port ${port}`;
  if (!sendsHost(offered.protocol)) return whyNoRequests(at, offered, request);
  if (offered.protocol.toLowerCase() !== scheme)
    return `port ${port} of the fleet ${fleet.name} speaks ${offered.protocol}, not ${scheme}`;
  if (scheme === 'http') return undefined;
  const name = serverNameIn(request);
  if (isOpenedByOther || certificateFor(table, name) !== undefined) return undefined;
  const whose = name === '' ? 'a client that names no server' : name;
  return `the TLS handshake fails: no HTTPS server with a certificate admits ${whose}`;
}

/** Returns what becomes of a connection to a port that carries no requests. */
function whyNoRequests(
  { configuration, tenant, fleet }: { configuration: Configuration; tenant: string; fleet: Fleet },
  port: Fleet['ports'][number],
  { clientAddress = SOME_CLIENT }: ClientRequest,
): string {
  const binding = portBindings(configuration, tenant, fleet).get(portZone(port));
  const found = binding && ruleFor(rulesOfPort(configuration, binding), port.number, clientAddress);
  const served = found
    ? `${resourceName('route', found.route)} /tcp/${found.index} forwards the connection`
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
  const name = serverNameIn(request);
  if (name === scope.host || below.includes(name) || (name === '' && scope.host === '*')) return undefined;
  const host = canonicalHost(request.authority);
  if (name === host) return undefined;
  const names = configuration.info('certificate', certificateFor(table, name) ?? '')?.dnsNames ?? [];
  const wildcard = host.replace(/^[^.]*/, '*');
  if (names.some((each) => [host, wildcard].includes(each.toLowerCase()) && each !== '*')) return undefined;
  return `the connection was opened for ${name === '' ? 'no name' : name}, and its certificate does not cover ${host}`;
}
