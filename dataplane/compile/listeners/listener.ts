import type { PortBinding } from '../../../model/binding/ports.ts';
import type { Scope, ScopeTable } from '../../../model/binding/scope-table.ts';
import type { Configuration } from '../../../model/configuration.ts';
import { Address, SocketAddress_Protocol } from '../../envoy/gen/envoy/config/core/v3/address.ts';
import type { Listener } from '../../envoy/gen/envoy/config/listener/v3/listener.ts';
import { type FilterChain, ListenerFilter } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import type { Compiled, Needs } from '../compiled.ts';
import type { Port } from '../values/port.ts';
import { fromTrustedPeers } from './proxy-protocol.ts';
import { byServerName, type ServerName } from './server-name.ts';

export type { Port } from '../values/port.ts';

/** Builds the listeners of one protocol. */
export interface ListenerKind {
  /** Builds the listener of a port, with only those filter chains that belong to the fleet. */
  listener(port: Port, address: string): CompiledListener;
  /**
   * Builds the filter chain of one host of one tenant. The caller names it after the host's scope key. Absent when
   * tenants change nothing in the listener.
   *
   * @param scope the host on the listener's port, with the routes that are bound to it
   * @returns undefined when the host needs no chain
   */
  chain?(configuration: Configuration, tenant: string, scope: Scope): Compiled<FilterChain> | undefined;
  /**
   * Builds the filter chains of a port that belongs to one tenant, because clients of the protocol send no host. The
   * caller names them. Absent for other protocols.
   *
   * @returns an empty list when no rule serves connections to the port
   */
  portChains?(configuration: Configuration, tenant: string, port: PortBinding): Compiled<FilterChain>[];
  /**
   * Builds the filter chains of a tenant's TLS profiles and of connections that are forwarded. Absent when the listener
   * selects no chain by server name.
   *
   * @param table the tenant's scopes
   */
  part?(configuration: Configuration, table: ScopeTable, tenant: string, port: Port): Part;
}

/** What one tenant adds to a listener that selects filter chains by the server name of the handshake. */
export interface Part {
  /** Each with the name that {@link Part.serverNames} uses. */
  chains: readonly Compiled<FilterChain>[];
  /** Exact hosts and wildcards, each with its chain. */
  serverNames: readonly ServerName[];
}

/** A filter chain, and the tenant that may be at fault when Envoy rejects it. */
export interface OwnedChain {
  /** The tenant from whose configuration the chain is built; undefined for a chain of the fleet. */
  owner: string | undefined;
  chain: FilterChain;
  /** The resources that Envoy must have before the chain; absent when it needs none. */
  needs?: Needs;
}

/** A listener with its filter chains as a separate list, so that the agent can leave one of them out. */
export interface CompiledListener {
  name: string;
  /** The listener without its filter chains. */
  base: Listener;
  chains: readonly OwnedChain[];
  /** The ranges of the peers that send a PROXY protocol header; absent when none is expected. */
  trustedPeers?: readonly string[];
  /** The server names of tenants, as {@link Part} has them; absent when there are none. */
  serverNames?: Part['serverNames'];
  /** Whether one of the chains answers challenges of certificate authorities. */
  isChallenged?: boolean;
}

/**
 * Builds the message for a listener.
 *
 * @param without names of the filter chains to leave out; Envoy closes connections with their server names
 */
export function listenerMessage(listener: CompiledListener, without?: ReadonlySet<string>): Listener {
  const message = withChains(listener, without);
  return listener.trustedPeers ? fromTrustedPeers(message, listener.trustedPeers) : message;
}

function withChains(
  { base, chains, serverNames = [], isChallenged }: CompiledListener,
  without?: ReadonlySet<string>,
): Listener {
  const filterChains = chains.flatMap(({ chain }) => (without?.has(chain.name) ? [] : [chain]));
  if (base.udpListenerConfig && !base.udpListenerConfig.quicOptions) {
    // Datagrams pass through filters of the listener, because there is no connection that a filter chain could serve.
    const filters = filterChains.flatMap((chain) => chain.filters);
    return { ...base, listenerFilters: filters.map((filter) => ListenerFilter.fromPartial(filter)) };
  }
  return {
    ...base,
    ...(serverNames.length > 0 && { filterChainMatcher: byServerName(serverNames, isChallenged) }),
    filterChains,
  };
}

/** Builds a listener with one filter chain that belongs to the fleet. */
export const withDefaultChain = (base: Listener, chain: FilterChain): CompiledListener => ({
  name: base.name,
  base,
  chains: [{ owner: undefined, chain }],
});

/** Bytes that Envoy buffers for one connection in each direction. */
const BUFFER = 32 * 1024;

/**
 * Asks clients that have been silent for 45 s whether they are still there. A client that has ended without closing the
 * connection, or that has closed only its side and then ended, is gone within two minutes. Otherwise Envoy would keep
 * the connection for an hour, or until its upstream closes it.
 */
const tcpKeepalive = { keepaliveTime: 45, keepaliveInterval: 15, keepaliveProbes: 4 };

/** Returns the fields that all listeners for TCP have. */
export const tcpSocket = (address: string, bind: number) => ({
  address: socket(address, bind),
  perConnectionBufferLimitBytes: BUFFER,
  tcpKeepalive,
});

/** Builds an address for a listener. */
export const socket = (
  address: string,
  portValue: number,
  protocol: SocketAddress_Protocol = SocketAddress_Protocol.TCP,
): Address =>
  Address.fromPartial({
    address: {
      $case: 'socketAddress',
      value: { address, protocol, portSpecifier: { $case: 'portValue', value: portValue } },
    },
  });
