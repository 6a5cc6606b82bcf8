/** Finds which rule serves a connection to a port whose clients send no host. */
import { connectionRules, type PortBinding } from '../binding/ports.ts';
import type { Configuration } from '../configuration.ts';
import type { ConnectionMatch, ConnectionRule } from '../route/tcp.ts';
import { parseCidr, rangeContaining } from '../values/cidr.ts';
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
        (match.source === undefined || rangeContaining(clientAddress, match.source) !== undefined),
    ),
  );

/**
 * Finds the networks for which each rule is the first that matches. Envoy does not read filter chains in order: it
 * chooses the chain with the longest matching prefix. So a network is left out of a rule when an earlier rule has the
 * network or a wider one. A longer prefix of an earlier rule comes first in Envoy too.
 *
 * @returns the rules that any connection to the port can reach; without `sources`, a rule serves all other clients
 */
export function bySource(
  rules: readonly ConnectionRule[],
  port: number,
): { rule: ConnectionRule; sources: readonly string[] | undefined }[] {
  const found: { rule: ConnectionRule; sources: readonly string[] | undefined }[] = [];
  const seen: string[] = [];
  for (const rule of rules) {
    const matches = (rule.match ?? [EVERY]).filter((match) => match.port === undefined || match.port === port);
    if (matches.length === 0) continue;
    if (matches.some(({ source }) => source === undefined)) return [...found, { rule, sources: undefined }];
    const sources = new Set<string>();
    for (const { source = [] } of matches)
      for (const range of source) if (!isCovered(range, [...seen, ...sources])) sources.add(range);
    seen.push(...sources);
    if (sources.size > 0) found.push({ rule, sources: [...sources] });
  }
  return found;
}

const EVERY: ConnectionMatch = {};

/** Whether one of the ranges contains the whole range. */
function isCovered(range: string, ranges: readonly string[]): boolean {
  const { network, prefix } = parseCidr(range)!;
  return ranges.some((each) => {
    const other = parseCidr(each)!;
    if (other.network.kind() !== network.kind() || other.prefix > prefix) return false;
    return network.toByteArray().every((byte, index) => {
      const bits = Math.min(Math.max(other.prefix - 8 * index, 0), 8);
      return byte >> (8 - bits) === other.network.toByteArray()[index]! >> (8 - bits);
    });
  });
}
