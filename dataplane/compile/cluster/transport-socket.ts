import type { Upstream } from '../../../model/kinds/upstream.ts';
import { pack } from '../../envoy/any.ts';
import type { TransportSocket } from '../../envoy/gen/envoy/config/core/v3/base.ts';
import { ProxyProtocolConfig_Version as Version } from '../../envoy/gen/envoy/config/core/v3/proxy_protocol.ts';
import { ProxyProtocolUpstreamTransport } from '../../envoy/gen/envoy/extensions/transport_sockets/proxy_protocol/v3/upstream_proxy_protocol.ts';
import { QuicUpstreamTransport } from '../../envoy/gen/envoy/extensions/transport_sockets/quic/v3/quic_transport.ts';
import { RawBuffer } from '../../envoy/gen/envoy/extensions/transport_sockets/raw_buffer/v3/raw_buffer.ts';
import { UpstreamTlsContext } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import { type Compiled, needsNothing } from '../compiled.ts';
import { upstreamTls } from './tls.ts';

/** Builds what encloses the bytes of connections to endpoints. Undefined for plain TCP. */
export function transportSocket(
  { tls, proxyProtocol, protocol }: Upstream,
  tenant: string,
): Compiled<TransportSocket | undefined> {
  const secured = tls && upstreamTls(tls, tenant);
  if (secured && protocol === 'HTTP3') {
    const quic = QuicUpstreamTransport.fromPartial({ upstreamTlsContext: secured.message });
    return { message: socket('quic', pack(QUIC, QuicUpstreamTransport, quic)), needs: secured.needs };
  }
  const inner = secured && socket('tls', pack(TLS, UpstreamTlsContext, secured.message));
  const message = proxyProtocol === undefined ? inner : announced(inner ?? plain, Version[proxyProtocol]);
  return { message, needs: secured?.needs ?? needsNothing };
}

const TLS = 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';
const QUIC = 'envoy.extensions.transport_sockets.quic.v3.QuicUpstreamTransport';
const PLAIN = 'envoy.extensions.transport_sockets.raw_buffer.v3.RawBuffer';
const PROXY = 'envoy.extensions.transport_sockets.proxy_protocol.v3.ProxyProtocolUpstreamTransport';

/** Encloses a socket in one that sends a PROXY protocol header first, before a TLS handshake too. */
function announced(transportSocket: TransportSocket, version: Version): TransportSocket {
  const message = ProxyProtocolUpstreamTransport.fromPartial({ config: { version }, transportSocket });
  return socket('upstream_proxy_protocol', pack(PROXY, ProxyProtocolUpstreamTransport, message));
}

function socket(name: string, value: ReturnType<typeof pack>): TransportSocket {
  return { name: `envoy.transport_sockets.${name}`, configType: { $case: 'typedConfig', value } };
}

const plain = socket('raw_buffer', pack(PLAIN, RawBuffer, {}));
