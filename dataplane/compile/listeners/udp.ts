import type { PortBinding } from '../../../model/binding/ports.ts';
import type { Configuration } from '../../../model/configuration.ts';
import { rulesOfPort } from '../../../model/matching/connections.ts';
import { bySource } from '../../../model/route/sources.ts';
import type { ConnectionRule } from '../../../model/route/tcp.ts';
import { milliseconds } from '../../../model/values/duration.ts';
import { pack } from '../../envoy/any.ts';
import { SocketAddress_Protocol } from '../../envoy/gen/envoy/config/core/v3/address.ts';
import { Listener } from '../../envoy/gen/envoy/config/listener/v3/listener.ts';
import { Filter, FilterChain } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import { Route } from '../../envoy/gen/envoy/extensions/filters/udp/udp_proxy/v3/route.ts';
import { UdpProxyConfig } from '../../envoy/gen/envoy/extensions/filters/udp/udp_proxy/v3/udp_proxy.ts';
import { Matcher_OnMatch } from '../../envoy/gen/xds/type/matcher/v3/matcher.ts';
import { type Compiled, merged } from '../compiled.ts';
import { duration } from '../values/duration.ts';
import { listenerName } from '../values/names.ts';
import { type CompiledListener, type ListenerKind, type Port, socket } from './listener.ts';
import { bySourceIp } from './source-ip.ts';
import { NOWHERE, weightedClusters } from './tcp-proxy.ts';

/** Listeners that forward datagrams. The one filter of a listener belongs to the tenant of the port. */
export const udp: ListenerKind = { listener, portChains };

function listener({ number, protocol, bind }: Port, address: string): CompiledListener {
  const name = listenerName(protocol, number);
  const base = Listener.fromPartial({
    name,
    statPrefix: 'udp',
    address: socket(address, bind, SocketAddress_Protocol.UDP),
    udpListenerConfig: {},
  });
  return { name, base, chains: [] };
}

/** Builds the filter that forwards datagrams, as a filter chain: `listenerMessage` moves it into the listener. */
function portChains(configuration: Configuration, tenant: string, binding: PortBinding): Compiled<FilterChain>[] {
  const rules = rulesOfPort(configuration, binding).map(({ rule }) => rule);
  const routes = bySource(rules, binding.number).map(({ rule, sources }) => {
    const clusters = weightedClusters(configuration, tenant, rule.route).map(({ name }) => name);
    return { sources, clusters, idle: idleOf(rule), onMatch: toCluster(clusters[0] ?? NOWHERE) };
  });
  if (routes.length === 0) return [];
  const ranged = routes.flatMap(({ sources, onMatch }) => (sources ? { sources, onMatch } : []));
  const idle = Math.max(...routes.map((each) => each.idle));
  const config = UdpProxyConfig.fromPartial({
    statPrefix: 'tenants',
    // Envoy has one such time for all sessions of a port. Its default is also a minute.
    ...(idle !== IDLE && { idleTimeout: duration(idle) }),
    routeSpecifier: {
      $case: 'matcher',
      value: {
        ...(ranged.length > 0 && { matcherType: bySourceIp(ranged) }),
        onNoMatch: routes.find(({ sources }) => sources === undefined)?.onMatch,
      },
    },
  });
  const filter = Filter.fromPartial({
    name: 'envoy.filters.udp_listener.udp_proxy',
    configType: {
      $case: 'typedConfig',
      value: pack('envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig', UdpProxyConfig, config),
    },
  });
  const needs = merged(routes.map(({ clusters }) => ({ clusters, secrets: [] })));
  return [{ message: FilterChain.fromPartial({ filters: [filter] }), needs }];
}

const IDLE = 60_000;
const idleOf = ({ idleTimeout }: ConnectionRule): number =>
  idleTimeout === undefined ? IDLE : milliseconds(idleTimeout)!;

const toCluster = (cluster: string): Matcher_OnMatch =>
  Matcher_OnMatch.fromPartial({
    onMatch: {
      $case: 'action',
      value: {
        name: 'route',
        typedConfig: pack('envoy.extensions.filters.udp.udp_proxy.v3.Route', Route, Route.fromPartial({ cluster })),
      },
    },
  });
