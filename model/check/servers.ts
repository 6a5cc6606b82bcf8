import type { Configuration } from '../configuration.ts';
import { DEFAULT_ESCAPED_SLASHES, type Server } from '../gateway.ts';
import type { Labels } from '../labels.ts';
import type { Steps } from '../steps.ts';
import { resourceName, type Violation } from '../violations.ts';
import type { Check } from './findings.ts';

interface Opened {
  gateway: string;
  index: number;
  selector: Labels;
  server: Server;
}

/** Servers that one Envoy may have to open together must agree. */
export const servers: Check = function* (configuration, { errors }) {
  const seen: Opened[] = [];
  const byHost = new Map<string, Opened[]>();
  const byPort = new Map<number, Opened[]>();
  for (const opened of all(configuration)) {
    yield;
    seen.push(opened);
    const { port } = opened.server;
    const rival = find(byPort, port.number, opened, (other) => other.server.port.protocol !== port.protocol);
    if (rival)
      errors.push(
        conflict(
          opened,
          'port/protocol',
          'port-protocol-conflict',
          `port ${port.number} is ${rival.server.port.protocol} in ${where(rival)}`,
        ),
      );
    push(byPort, port.number, opened);
  }
  yield* checkEscapedSlashes(seen, errors);
  for (const opened of seen) {
    yield;
    const credential = opened.server.tls?.credentialName;
    if (credential === undefined) continue;
    for (const host of opened.server.hosts) {
      // Across ports too: Envoy asks for a certificate by server name alone.
      const rival = find(byHost, host, opened, (other) => other.server.tls?.credentialName !== credential);
      if (rival)
        errors.push(
          conflict(
            opened,
            'tls/credentialName',
            'certificate-conflict',
            `${host} has the certificate ${rival.server.tls!.credentialName} in ${where(rival)}`,
          ),
        );
      push(byHost, host, opened);
    }
  }
};

/** All servers of a host and port must treat escaped slashes alike. */
function* checkEscapedSlashes(all: readonly Opened[], errors: Violation[]): Steps<void> {
  const byHost = new Map<string, Opened[]>();
  for (const opened of all) {
    yield;
    const { port, hosts, escapedSlashes = DEFAULT_ESCAPED_SLASHES } = opened.server;
    for (const host of hosts) {
      const key = `${port.number}|${host}`;
      const choice = ({ server }: Opened) => server.escapedSlashes ?? DEFAULT_ESCAPED_SLASHES;
      const rival = find(byHost, key, opened, (other) => choice(other) !== escapedSlashes);
      if (rival)
        errors.push(
          conflict(
            opened,
            'escapedSlashes',
            'escaped-slashes-conflict',
            `for ${host} it is ${choice(rival)} in ${where(rival)}, not ${escapedSlashes}`,
          ),
        );
      push(byHost, key, opened);
    }
  }
}

function* all(configuration: Configuration): Generator<Opened> {
  for (const [gateway, { selector, servers }] of configuration.entries('gateway')) {
    for (const [index, server] of servers.entries()) yield { gateway, index, selector, server };
  }
}

/** Two selectors may choose the same fleet unless they ask for different values of one label. */
const mayMeet = (a: Labels, b: Labels): boolean =>
  Object.entries(a).every(([key, value]) => !Object.hasOwn(b, key) || b[key] === value);

function find<K>(
  index: Map<K, Opened[]>,
  key: K,
  opened: Opened,
  contradicts: (other: Opened) => boolean,
): Opened | undefined {
  return index.get(key)?.find((other) => mayMeet(other.selector, opened.selector) && contradicts(other));
}

function push<K>(index: Map<K, Opened[]>, key: K, opened: Opened): void {
  const there = index.get(key);
  if (there) there.push(opened);
  else index.set(key, [opened]);
}

const where = ({ gateway, index }: Opened): string => `${resourceName('gateway', gateway)} server ${index}`;

function conflict({ gateway, index }: Opened, field: string, code: string, message: string): Violation {
  return {
    resource: resourceName('gateway', gateway),
    path: `/servers/${index}/${field}`,
    code,
    message,
    hint: 'both may be served by one fleet',
  };
}
