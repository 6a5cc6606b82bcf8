import { MESH_PORT } from '../../../model/binding/mesh.ts';
import { Listener } from '../../envoy/gen/envoy/config/listener/v3/listener.ts';
import { FilterChain } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import { connectionManager } from '../manager/index.ts';
import { type CompiledListener, tcpSocket, withDefaultChain } from './listener.ts';

/**
 * Builds the listener to which the service beside a sidecar sends its requests: by HTTP/1.1, also with absolute URLs as
 * a client of a proxy writes them, or by HTTP/2 with prior knowledge.
 *
 * @param outbound `address:port`
 */
export function outboundListener(outbound: string): CompiledListener {
  const colon = outbound.lastIndexOf(':');
  const address = outbound.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const bind = Number(outbound.slice(colon + 1));
  const base = Listener.fromPartial({
    name: 'outbound',
    statPrefix: 'outbound',
    ...tcpSocket(address, bind),
  });
  const port = { number: MESH_PORT, bind, protocol: 'HTTP' as const, idleTimeout: '1h' };
  return withDefaultChain(
    base,
    FilterChain.fromPartial({ name: 'default', filters: [connectionManager('outbound', port)] }),
  );
}
