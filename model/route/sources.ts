/** Finds which rules for connections Envoy must choose by the address of the client. */
import { parseCidr } from '../values/cidr.ts';
import type { ConnectionMatch, ConnectionRule } from './tcp.ts';

/**
 * Finds the networks for which each rule is the first that matches. Envoy does not read filter chains in order: it
 * chooses the chain with the longest matching prefix. So a network is left out of a rule when an earlier rule has the
 * network or a wider one. A longer prefix of an earlier rule comes first in Envoy too. To Envoy, a chain without networks
 * is one for `0.0.0.0/0` and `::/0`, so a rule for all clients gets only the one that no earlier rule has.
 *
 * @returns the rules that any connection to the port can reach; without `sources`, a rule serves all other clients
 */
export function bySource<R extends Pick<ConnectionRule, 'match'>>(
  rules: readonly R[],
  port: number,
): { rule: R; sources: readonly string[] | undefined }[] {
  const found: { rule: R; sources: readonly string[] | undefined }[] = [];
  const seen: string[] = [];
  for (const rule of rules) {
    const matches = (rule.match ?? [EVERY]).filter((match) => match.port === undefined || match.port === port);
    if (matches.length === 0) continue;
    if (matches.some(({ source }) => source === undefined)) {
      const left = EVERYWHERE.filter((range) => !isCovered(range, seen));
      if (left.length === EVERYWHERE.length) return [...found, { rule, sources: undefined }];
      return left.length === 0 ? found : [...found, { rule, sources: left }];
    }
    const sources = new Set<string>();
    for (const { source = [] } of matches)
      for (const range of source) if (!isCovered(range, [...seen, ...sources])) sources.add(range);
    seen.push(...sources);
    if (sources.size > 0) found.push({ rule, sources: [...sources] });
  }
  return found;
}

const EVERY: ConnectionMatch = {};
const EVERYWHERE = ['0.0.0.0/0', '::/0'];

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
