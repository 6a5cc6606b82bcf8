import type { PortBinding } from '../../../model/binding/ports.ts';
import type { Configuration } from '../../../model/configuration.ts';
import type { ConnectionMatch, TcpRule } from '../../../model/route/tcp.ts';
import { parseCidr } from '../../../model/values/cidr.ts';
import { pack } from '../../envoy/any.ts';
import { CidrRange } from '../../envoy/gen/envoy/config/core/v3/address.ts';
import { Listener } from '../../envoy/gen/envoy/config/listener/v3/listener.ts';
import { Filter, FilterChain, FilterChainMatch } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import { MongoProxy } from '../../envoy/gen/envoy/extensions/filters/network/mongo_proxy/v3/mongo_proxy.ts';
import type { Compiled } from '../compiled.ts';
import { listenerName } from '../values/names.ts';
import { BUFFER, type CompiledListener, type ListenerKind, type Port, socket } from './listener.ts';
import { tcpProxy } from './tcp-proxy.ts';

/** Listeners that forward connections without reading them. Every filter chain in them belongs to a tenant. */
export const tcp: ListenerKind = { listener, portChains: (...input) => chains(...input, []) };

/**
 * Listeners for MongoDB. Envoy counts operations; it forwards the bytes as they are, even if it cannot parse them.
 */
export const mongo: ListenerKind = { listener, portChains: (...input) => chains(...input, [mongoStatistics]) };

const mongoStatistics = Filter.fromPartial({
  name: 'envoy.filters.network.mongo_proxy',
  configType: {
    $case: 'typedConfig',
    value: pack(
      'envoy.extensions.filters.network.mongo_proxy.v3.MongoProxy',
      MongoProxy,
      MongoProxy.fromPartial({ statPrefix: 'tenants' }),
    ),
  },
});

function listener({ number, protocol, bind }: Port, address: string): CompiledListener {
  const name = listenerName(protocol, number);
  const base = Listener.fromPartial({
    name,
    statPrefix: 'tcp',
    address: socket(address, bind),
    perConnectionBufferLimitBytes: BUFFER,
  });
  return { name, base, chains: [] };
}

/** Builds one filter chain per rule that serves connections to the port. */
function chains(
  configuration: Configuration,
  tenant: string,
  { number, routes }: PortBinding,
  before: readonly Filter[],
): Compiled<FilterChain>[] {
  const rules = routes.flatMap(({ route }) => configuration.get('route', route)?.tcp ?? []);
  return bySource(rules, number).map(({ rule, sources }) => {
    const { message, needs } = tcpProxy(configuration, tenant, rule.route);
    return {
      message: FilterChain.fromPartial({
        ...(sources !== undefined && { filterChainMatch: fromSources(sources) }),
        filters: [...before, message],
      }),
      needs,
    };
  });
}

const fromSources = (sources: readonly string[]): FilterChainMatch =>
  FilterChainMatch.fromPartial({
    sourcePrefixRanges: sources.map((text) => {
      const { network, prefix } = parseCidr(text)!;
      return CidrRange.fromPartial({ addressPrefix: network.toString(), prefixLen: prefix });
    }),
  });

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
    const sources = new Set<string>();
    for (const { source = [] } of matches)
      for (const range of source) if (!isCovered(range, [...seen, ...sources])) sources.add(range);
    seen.push(...sources);
    if (matches.some(({ source }) => source === undefined)) return [...found, { rule, sources: undefined }];
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
