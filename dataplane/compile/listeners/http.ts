import { Listener } from '../../envoy/gen/envoy/config/listener/v3/listener.ts';
import { FilterChain } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import { connectionManager } from '../manager/index.ts';
import { listenerName } from '../values/names.ts';
import { type CompiledListener, type ListenerKind, type Port, tcpSocket, withDefaultChain } from './listener.ts';

/** Listeners for HTTP/1.1, and for HTTP/2 with prior knowledge (RFC 9113 §3.3), without TLS. */
export const http: ListenerKind = { listener };

function listener(port: Port, address: string): CompiledListener {
  const { number, bind } = port;
  const base = Listener.fromPartial({
    name: listenerName('HTTP', number),
    statPrefix: 'http',
    ...tcpSocket(address, bind),
  });
  return withDefaultChain(
    base,
    FilterChain.fromPartial({ name: 'default', filters: [connectionManager('http', port)] }),
  );
}
