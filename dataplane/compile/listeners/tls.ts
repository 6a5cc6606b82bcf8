import { Listener } from '../../envoy/gen/envoy/config/listener/v3/listener.ts';
import { listenerName } from '../values/names.ts';
import { part, tlsInspector } from './https.ts';
import { type CompiledListener, type ListenerKind, type Port, tcpSocket } from './listener.ts';
import { byServerName } from './server-name.ts';

/**
 * Listeners that forward TLS connections by server name. Every filter chain in them belongs to a tenant, so Envoy closes
 * connections with any other server name.
 */
export const tls: ListenerKind = { listener, part };

function listener({ number, bind }: Port, address: string): CompiledListener {
  const name = listenerName('TLS', number);
  const base = Listener.fromPartial({
    name,
    statPrefix: 'tls',
    ...tcpSocket(address, bind),
    listenerFilters: [tlsInspector],
    filterChainMatcher: byServerName([]),
  });
  return { name, base, chains: [] };
}
