/** Finds which rule serves a connection to a port whose clients send no host. */
import { connectionRules, type PortBinding } from '../binding/ports.ts';
import type { Configuration } from '../configuration.ts';
import type { ConnectionMatch, ConnectionRule } from '../route/tcp.ts';
import { isIn } from '../values/cidr.ts';
import { transportOf } from '../values/protocol.ts';

/** A rule with its place in the configuration. */
export interface PlacedConnectionRule {
  route: string;
  section: 'tcp' | 'udp';
  /** Index in the section. */
  index: number;
  rule: ConnectionRule;
}

/** Returns the rules of a port in the order in which they are tried: route by route, in the order of their names. */
export const rulesOfPort = (
  configuration: Configuration,
  { routes, protocol }: Pick<PortBinding, 'routes' | 'protocol'>,
): PlacedConnectionRule[] =>
  routes.flatMap(({ route }) => {
    const spec = configuration.get('route', route);
    const section = transportOf(protocol);
    return spec ? connectionRules(spec, protocol).map((rule, index) => ({ route, section, index, rule })) : [];
  });

/** Returns the first rule that matches a connection to the port from this IP address. */
export const ruleFor = (
  rules: readonly PlacedConnectionRule[],
  port: number,
  clientAddress: string,
): PlacedConnectionRule | undefined =>
  rules.find(({ rule }) =>
    (rule.match ?? [EVERY]).some(
      (match) =>
        (match.port === undefined || match.port === port) &&
        (match.source === undefined || isIn(clientAddress, match.source)),
    ),
  );

const EVERY: ConnectionMatch = {};
