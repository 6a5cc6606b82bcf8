import type { ScopeTable } from '../../../model/binding/scope-table.ts';
import type { Configuration } from '../../../model/configuration.ts';
import { pack } from '../../envoy/any.ts';
import { Listener } from '../../envoy/gen/envoy/config/listener/v3/listener.ts';
import { FilterChain, ListenerFilter } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import { TlsInspector } from '../../envoy/gen/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector.ts';
import type { Compiled } from '../compiled.ts';
import { connectionManager } from '../manager/index.ts';
import { listenerName, profileChainName } from '../values/names.ts';
import { CHALLENGED_PORT, challengeChain } from './challenge.ts';
import { withForwarding } from './forwarding.ts';
import {
  type CompiledListener,
  type ListenerKind,
  type Part,
  type Port,
  tcpSocket,
  withDefaultChain,
} from './listener.ts';
import { byServerName, DEFAULT_CHAIN } from './server-name.ts';
import { tlsContext, tlsSocket } from './tls-context.ts';
import { profileChain } from './tls-profile.ts';

/** Listeners for HTTP/1.1 and HTTP/2 over TLS. The server name (SNI) of the handshake selects the certificate. */
export const https: ListenerKind = { listener, part };

function listener(port: Port, address: string): CompiledListener {
  const { number, bind } = port;
  const isChallenged = number === CHALLENGED_PORT;
  const base = Listener.fromPartial({
    name: listenerName('HTTPS', number),
    statPrefix: 'https',
    ...tcpSocket(address, bind),
    listenerFilters: [tlsInspector],
    filterChainMatcher: byServerName([], isChallenged),
  });
  const { chains, ...rest } = withDefaultChain(base, defaultChain(port));
  return isChallenged
    ? { ...rest, isChallenged, chains: [...chains, { owner: undefined, chain: challengeChain }] }
    : { ...rest, chains };
}

/** Reads the server name of a handshake, before a filter chain is selected. */
export const tlsInspector = ListenerFilter.fromPartial({
  name: 'envoy.filters.listener.tls_inspector',
  configType: {
    $case: 'typedConfig',
    value: pack(
      'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector',
      TlsInspector,
      TlsInspector.fromPartial({}),
    ),
  },
});

/**
 * Builds the filter chain of all hosts without a TLS profile. Envoy requests each certificate from the agent at the
 * first handshake with its server name. A change of this chain would make Envoy drop all loaded certificates, so the
 * chain must not depend on tenants.
 */
const defaultChain = (port: Port): FilterChain =>
  FilterChain.fromPartial({
    name: DEFAULT_CHAIN,
    filters: [connectionManager('https', port)],
    ...tlsSocket(tlsContext),
  });

/** Builds one filter chain per TLS profile of the tenant, and one per rule that forwards connections. */
export function part(configuration: Configuration, table: ScopeTable, tenant: string, port: Port): Part {
  const chains = new Map<string, Compiled<FilterChain>>();
  const serverNames = [...table.serverNames(port.number)].map(([host, profile]) => {
    if (!profile) return [host, undefined] as const;
    const name = profileChainName(port.number, tenant, profile);
    if (!chains.has(name)) chains.set(name, profileChain(port, tenant, profile));
    return [host, name] as const;
  });
  return withForwarding({ chains: [...chains.values()], serverNames }, configuration, table, tenant, port);
}
