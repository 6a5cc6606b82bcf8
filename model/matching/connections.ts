/** Finds which rule serves a connection to a port whose clients send no host. */
import type { PortBinding } from '../binding/ports.ts';
import type { Configuration } from '../configuration.ts';
import type { ConnectionMatch, TcpRule } from '../route/tcp.ts';
import { parseCidr, rangeContaining } from '../values/cidr.ts';

/** A rule with its place in the configuration. */
export interface PlacedTcpRule {
  route: string;
  /** Index in `tcp`. */
  index: number;
  rule: TcpRule;
}

/** Returns the rules of a port in the order in which they are tried: route by route, in the order of their names. */
export const rulesOfPort = (configuration: Configuration, { routes }: Pick<PortBinding, 'routes'>): PlacedTcpRule[] =>
  routes.flatMap(({ route }) =>
    (configuration.get('route', route)?.tcp ?? []).map((rule, index) => ({ route, index, rule })),
  );

/** Returns the first rule that matches a connection to the port from this IP address. */
export const ruleFor = (
  rules: readonly PlacedTcpRule[],
  port: number,
  clientAddress: string,
): PlacedTcpRule | undefined =>
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
  rules: readonly TcpRule[],
  port: number,
): { rule: TcpRule; sources: readonly string[] | undefined }[] {
  const found: { rule: TcpRule; sources: readonly string[] | undefined }[] = [];
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
