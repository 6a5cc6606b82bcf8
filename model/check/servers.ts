import { getOrAdd } from '../binding/get-or-add.ts';
import { handlingOf } from '../binding/handling.ts';
import { profileOf, profileText } from '../binding/tls-profile.ts';
import type { Configuration } from '../configuration.ts';
import { DEFAULT_ESCAPED_SLASHES, type Server } from '../kinds/gateway.ts';
import { credentialsOf } from '../kinds/server-tls.ts';
import { isShared } from '../values/allowed-routes.ts';
import type { HostPattern } from '../values/host.ts';
import type { Labels } from '../values/labels.ts';
import { type Protocol, protocolsFor, transportOf } from '../values/protocol.ts';
import { resourceName, type Violation } from '../violations.ts';
import type { Check } from './findings.ts';

/**
 * The largest number of certificates for hosts that have another one on another port. Each costs a filter chain in the
 * listener that all tenants share.
 */
const MOST_APART = 32;

/** One server of a gateway. */
interface OrderedServer {
  gateway: string;
  index: number;
  selector: Labels;
  server: Server;
  /** The position of the server among all servers, by gateway and then by index. */
  order: number;
}

/** Reports conflicts between settings of servers that one fleet may serve together, as errors. */
export const servers: Check = function* (configuration, { errors }) {
  const protocols = new Agreement();
  const slashes = new Agreement();
  const profiles = new Agreement();
  const certificates = new Agreement();
  const anywhere = new Agreement();
  const apart = new Set<string>();
  const isAnyShared = [...configuration.entries('gateway')].some(([, gateway]) =>
    gateway.servers.some(({ allowedRoutes }) => isShared(allowedRoutes)),
  );
  const found: Record<'protocol' | 'slashes' | 'profile' | 'certificate', Violation[]> = {
    protocol: [],
    slashes: [],
    profile: [],
    certificate: [],
  };
  for (const opened of all(configuration)) {
    yield;
    const { port, hosts, tls, escapedSlashes = DEFAULT_ESCAPED_SLASHES } = opened.server;
    const decided = profileText(profileOf(tls)) + (tls?.httpsRedirect === true);
    const handling = handlingOf(opened.server);
    const profile = handling === 'passthrough' || handling === 'automatic' ? handling : handling + decided;
    const rival = protocols.rival(`${transportOf(port.protocol)}/${port.number}`, familyOf(opened.server), opened);
    if (rival) found.protocol.push(protocolConflict(opened, rival));
    for (const host of hosts) {
      yield;
      // All servers of a host and port must treat escaped slashes alike.
      const other = slashes.rival(`${port.number}|${host}`, escapedSlashes, opened);
      if (other) found.slashes.push(escapedSlashesConflict(opened, other, host));
      // The TLS settings are decided by the server name, before Envoy knows which server's route serves a request.
      const otherTls = profiles.rival(`${port.number}|${host}`, profile, opened);
      if (otherTls) found.profile.push(profileConflict(opened, otherTls, host));
      const credentials = tls && credentialsOf(tls).join();
      if (!credentials) continue;
      const samePort = certificates.rival(`${port.number}|${host}`, credentials, opened);
      if (samePort) found.certificate.push(certificateConflict(opened, samePort, host));
      const otherPort = anywhere.rival(host, credentials, opened);
      if (samePort || !otherPort) continue;
      // On different ports, each certificate has a filter chain. The hosts of shared servers need the default chain.
      for (const each of [opened, otherPort])
        apart.add(`${each.server.port.number}|${credentialsOf(each.server.tls!).join()}`);
      if (isAnyShared || apart.size > MOST_APART) found.certificate.push(certificateConflict(opened, otherPort, host));
    }
  }
  for (const each of [found.protocol, found.slashes, found.profile, found.certificate])
    for (const error of each) errors.push(error);
};

function* all(configuration: Configuration): Generator<OrderedServer> {
  let order = 0;
  for (const [gateway, { selector, servers }] of configuration.entries('gateway'))
    for (const [index, server] of servers.entries()) yield { gateway, index, selector, server, order: order++ };
}

/**
 * Collects the choices of servers that must agree, and finds conflicts. It keeps only the first server per choice and
 * selector, so that thousands of servers that agree cost as much as one.
 */
class Agreement {
  /** By key (what the servers share, such as a port), then by choice, then by selector. */
  readonly #chosen = new Map<string, Map<string, Map<string, OrderedServer>>>();

  /**
   * Adds a server, and returns the first server with the same key that one fleet may serve together with it and that
   * made another choice.
   */
  rival(key: string, choice: string, opened: OrderedServer): OrderedServer | undefined {
    const choices = getOrAdd(this.#chosen, key, () => new Map<string, Map<string, OrderedServer>>());
    let first: OrderedServer | undefined;
    for (const [other, bySelector] of choices) {
      if (other === choice) continue;
      for (const each of bySelector.values()) {
        // The servers of one choice are in order.
        if (first && first.order < each.order) break;
        if (mayShareFleet(each.selector, opened.selector)) first = each;
      }
    }
    const same = getOrAdd(choices, choice, () => new Map<string, OrderedServer>());
    const selector = JSON.stringify(opened.selector);
    if (!same.has(selector)) same.set(selector, opened);
    return first;
  }
}

/** Returns the protocol of a port that can serve the server together with all others of its port. */
const familyOf = ({ port, tls }: Server): Protocol => protocolsFor(port.protocol, tls !== undefined).at(-1)!;

/** Whether one fleet may match both selectors. It cannot if they require different values of one label. */
const mayShareFleet = (a: Labels, b: Labels): boolean =>
  Object.entries(a).every(([key, value]) => !Object.hasOwn(b, key) || b[key] === value);

const protocolConflict = (opened: OrderedServer, { server: { port }, ...rival }: OrderedServer): Violation =>
  conflict(
    opened,
    'port/protocol',
    'port-protocol-conflict',
    `port ${port.number} is ${port.protocol} in ${where(rival)}`,
  );

function escapedSlashesConflict(opened: OrderedServer, rival: OrderedServer, host: HostPattern): Violation {
  const choice = ({ server }: OrderedServer) => server.escapedSlashes ?? DEFAULT_ESCAPED_SLASHES;
  const message = `for ${host} it is ${choice(rival)} in ${where(rival)}, not ${choice(opened)}`;
  return conflict(opened, 'escapedSlashes', 'escaped-slashes-conflict', message);
}

function profileConflict(opened: OrderedServer, rival: OrderedServer, host: HostPattern): Violation {
  const message = `${host} has other TLS settings in ${where(rival)}: all servers of a host and port must agree on them`;
  return conflict(opened, 'tls', 'tls-conflict', message);
}

function certificateConflict(opened: OrderedServer, rival: OrderedServer, host: HostPattern): Violation {
  const message = `${host} has the certificate ${credentialsOf(rival.server.tls!).join(' and ')} in ${where(rival)}`;
  const field = opened.server.tls?.credentialNames ? 'credentialNames' : 'credentialName';
  return conflict(opened, `tls/${field}`, 'certificate-conflict', message);
}

const where = ({ gateway, index }: Pick<OrderedServer, 'gateway' | 'index'>): string =>
  `${resourceName('gateway', gateway)} server ${index}`;

function conflict({ gateway, index }: OrderedServer, field: string, code: string, message: string): Violation {
  return {
    resource: resourceName('gateway', gateway),
    path: `/servers/${index}/${field}`,
    code,
    message,
    hint: 'both may be served by one fleet',
  };
}
