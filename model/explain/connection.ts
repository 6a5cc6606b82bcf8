/** Explains what becomes of connections and datagrams whose requests the edge does not read. */
import { forwarded } from '../binding/forwarding.ts';
import { portBindings, portZone } from '../binding/ports.ts';
import type { Admission } from '../binding/server-hosts.ts';
import type { Fleet } from '../fleet.ts';
import { ruleFor, rulesOfPort } from '../matching/connections.ts';
import type { Destination } from '../route/destination.ts';
import { isIn } from '../values/cidr.ts';
import { patternsCovering } from '../values/host.ts';
import { type Transport, transportOf } from '../values/protocol.ts';
import { resourceName } from '../violations.ts';
import { type ClientRequest, SOME_CLIENT } from './arrival.ts';
import type { Edge, Served } from './edge.ts';
import { type Place, placeOfDestination, portionsOf } from './effect.ts';

/** A connection, or the datagrams of one client, that the edge forwards without reading requests. */
export interface ForwardedConnection {
  transport: Transport;
  /** What the edge does with TLS of the client; absent on ports that do not expect it. */
  tls?: 'passthrough' | 'terminated';
  /** The rule; absent when the server name of the connection names the upstream. */
  rule?: { resource: string; path: string; index: number };
  destinations: (Place & { weight: number; percent: number })[];
}

/** What becomes of a client whose requests the edge does not read. */
export type Connected =
  | { outcome: 'forwarded'; why: string; connection: ForwardedConnection }
  | { outcome: 'other-tenant'; why: string }
  | { outcome: 'refused'; why: string };

/** Makes the result for a client that gets no connection. */
export const refused = (why: string): Connected => ({ outcome: 'refused', why });

/** Returns what becomes of a connection to a port that carries no requests. */
export function onPort(
  { own, fleet, isPortOfOther }: Edge,
  port: Fleet['ports'][number],
  { clientAddress = SOME_CLIENT }: ClientRequest,
): Connected {
  const { configuration, tenant } = own;
  const binding = portBindings(configuration, tenant, fleet).get(portZone(port));
  const found = binding && ruleFor(rulesOfPort(configuration, binding), port.number, clientAddress);
  const transport = transportOf(port.protocol);
  const what = transport === 'udp' ? 'datagrams' : 'connections';
  const carries = `port ${port.number} is ${port.protocol}: it carries ${what}, not requests`;
  if (!binding && isPortOfOther) return { outcome: 'other-tenant', why: `${carries}; it belongs to another tenant` };
  if (!found)
    return refused(
      transport === 'udp'
        ? `${carries}; no rule matches the client, so they are dropped`
        : `${carries}; no rule matches the connection, so it is closed`,
    );
  const rule = { resource: resourceName('route', found.route), path: `/${found.section}/${found.index}` };
  return {
    outcome: 'forwarded',
    why: `${carries}; ${rule.resource} ${rule.path} forwards ${transport === 'udp' ? 'them' : 'the connection'}`,
    connection: {
      transport,
      rule: { ...rule, index: found.index },
      destinations: destinationsOf(own, fleet, found.rule.route),
    },
  };
}

/** Returns what becomes of a connection that its server name forwards; undefined when requests on it are read. */
export function byServerName(
  edge: Edge,
  port: number,
  serverName: string,
  { clientAddress = SOME_CLIENT, clientCertificate }: ClientRequest,
): Connected | undefined {
  const deciding = serverName === '' ? undefined : edge.admissionFor(port, serverName);
  if (!deciding || deciding.admission.forwarding.size === 0) return undefined;
  const { admission, of } = deciding;
  if (admission.decryption?.profile?.client?.isRequired && clientCertificate === false)
    return refused(`the TLS handshake fails: ${serverName} requires a certificate of the client`);
  if (of !== edge.own)
    return { outcome: 'other-tenant', why: `${serverName} belongs to another tenant, and no request is seen` };
  const rules = forwarded(of.configuration, port, of.table.admissionsAt(port));
  const choices = [...patternsCovering(serverName)].map((host) => rules.get(host)).find((each) => each !== undefined);
  const found = choices?.find(({ sources }) => sources === undefined || isIn(clientAddress, sources))?.rule;
  const how = `connections for ${serverName} are ${howForwarded(admission)}, so no request is seen`;
  if (!found) return refused(`${how}; no rule matches the connection, so it is closed`);
  const { resource, path } = found;
  return {
    outcome: 'forwarded',
    why: `${how}; ${[resource, path].filter(Boolean).join(' ')} forwards the connection`,
    connection: {
      transport: 'tcp',
      tls: admission.decryption ? 'terminated' : 'passthrough',
      ...(path !== '' && { rule: { resource, path, index: Number(path.split('/').at(-1)) } }),
      destinations: destinationsOf(of, edge.fleet, found.rule.route),
    },
  };
}

/** Says how the connections for a host are forwarded. */
export const howForwarded = ({ decryption }: Admission): string =>
  decryption ? 'decrypted and forwarded as they are' : 'passed through without being decrypted';

const destinationsOf = (
  { configuration, tenant }: Served,
  fleet: Fleet,
  route: readonly { destination: Destination; weight?: number | undefined }[],
): ForwardedConnection['destinations'] => {
  const portions = portionsOf(route);
  return route.map(({ destination }, index) => ({
    ...placeOfDestination(configuration, tenant, fleet, destination),
    ...portions[index]!,
  }));
};
