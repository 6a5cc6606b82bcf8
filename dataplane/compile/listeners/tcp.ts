import type { PortBinding } from '../../../model/binding/ports.ts';
import type { Configuration } from '../../../model/configuration.ts';
import { rulesOfPort } from '../../../model/matching/connections.ts';
import { bySource } from '../../../model/route/sources.ts';
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
  binding: PortBinding,
  before: readonly Filter[],
): Compiled<FilterChain>[] {
  const rules = rulesOfPort(configuration, binding).map(({ rule }) => rule);
  return bySource(rules, binding.number).map(({ rule, sources }) => {
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
