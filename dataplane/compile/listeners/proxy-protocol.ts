import { parseCidr } from '../../../model/values/cidr.ts';
import { pack } from '../../envoy/any.ts';
import { CidrRange } from '../../envoy/gen/envoy/config/core/v3/address.ts';
import type { Listener } from '../../envoy/gen/envoy/config/listener/v3/listener.ts';
import {
  FilterChain,
  FilterChainMatch,
  ListenerFilter,
} from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import { ProxyProtocol } from '../../envoy/gen/envoy/extensions/filters/listener/proxy_protocol/v3/proxy_protocol.ts';
import { DirectSourceIPInput } from '../../envoy/gen/envoy/extensions/matching/common_inputs/network/v3/network_inputs.ts';
import { Matcher, type Matcher_OnMatch } from '../../envoy/gen/xds/type/matcher/v3/matcher.ts';
import { bySourceIp } from './source-ip.ts';

/** The listener filter that reads the header. It replaces the address of the client, but not the address of the direct peer. */
const reader = ListenerFilter.fromPartial({
  name: 'envoy.filters.listener.proxy_protocol',
  configType: {
    $case: 'typedConfig',
    value: pack(
      'envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol',
      ProxyProtocol,
      ProxyProtocol.fromPartial({}),
    ),
  },
});

/**
 * Makes a listener expect a PROXY protocol header. No filter chain serves the connection of a peer that is not trusted, so
 * Envoy closes it.
 *
 * https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt
 *
 * @param trustedPeers CIDR ranges
 */
export function fromTrustedPeers(listener: Listener, trustedPeers: readonly string[]): Listener {
  const { filterChainMatcher, filterChains, listenerFilters } = listener;
  const filters = { listenerFilters: [reader, ...listenerFilters] };
  if (filterChainMatcher)
    return { ...listener, ...filters, filterChainMatcher: onlyFrom(trustedPeers, filterChainMatcher) };
  const directSourcePrefixRanges = trustedPeers.map(range);
  return {
    ...listener,
    ...filters,
    filterChains: filterChains.map((chain) =>
      FilterChain.fromPartial({
        ...chain,
        filterChainMatch: FilterChainMatch.fromPartial({ ...chain.filterChainMatch, directSourcePrefixRanges }),
      }),
    ),
  };
}

function onlyFrom(sources: readonly string[], trusted: Matcher): Matcher {
  const input = {
    name: 'direct-source-ip',
    typedConfig: pack(
      'envoy.extensions.matching.common_inputs.network.v3.DirectSourceIPInput',
      DirectSourceIPInput,
      DirectSourceIPInput.fromPartial({}),
    ),
  };
  const onMatch: Matcher_OnMatch = { onMatch: { $case: 'matcher', value: trusted }, keepMatching: false };
  return Matcher.fromPartial({ matcherType: bySourceIp([{ sources, onMatch }], input) });
}

function range(text: string): CidrRange {
  const { network, prefix } = parseCidr(text)!;
  return CidrRange.fromPartial({ addressPrefix: network.toString(), prefixLen: prefix });
}
