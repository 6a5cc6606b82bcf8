import type { PortBinding } from '../../../model/binding/ports.ts';
import type { Configuration } from '../../../model/configuration.ts';
import { rulesOfPort } from '../../../model/matching/connections.ts';
import { bySource } from '../../../model/route/sources.ts';
import { parseCidr } from '../../../model/values/cidr.ts';
import { CidrRange } from '../../envoy/gen/envoy/config/core/v3/address.ts';
import { Listener } from '../../envoy/gen/envoy/config/listener/v3/listener.ts';
import { FilterChain, FilterChainMatch } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import type { Compiled } from '../compiled.ts';
import { listenerName } from '../values/names.ts';
import { type CompiledListener, type ListenerKind, type Port, tcpSocket } from './listener.ts';
import { tcpProxy } from './tcp-proxy.ts';

/**
 * Listeners that forward connections without reading them. Every filter chain in them belongs to a tenant. Envoy's
 * filters for database protocols are not used: docs/decisions/0043-database-protocols.md.
 */
export const tcp: ListenerKind = { listener, portChains: chains };

function listener({ number, protocol, bind }: Port, address: string): CompiledListener {
  const name = listenerName(protocol, number);
  const base = Listener.fromPartial({
    name,
    statPrefix: 'tcp',
    ...tcpSocket(address, bind),
  });
  return { name, base, chains: [] };
}

/** Builds one filter chain per rule that serves connections to the port. */
function chains(configuration: Configuration, tenant: string, binding: PortBinding): Compiled<FilterChain>[] {
  const rules = rulesOfPort(configuration, binding).map(({ rule }) => rule);
  return bySource(rules, binding.number).map(({ rule, sources }) => {
    const { message, needs } = tcpProxy(configuration, tenant, rule.route);
    return {
      message: FilterChain.fromPartial({
        ...(sources !== undefined && { filterChainMatch: fromSources(sources) }),
        filters: [message],
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
