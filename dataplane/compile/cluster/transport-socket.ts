import type { Upstream } from '../../../model/kinds/upstream.ts';
import { pack } from '../../envoy/any.ts';
import type { TransportSocket } from '../../envoy/gen/envoy/config/core/v3/base.ts';
import { UpstreamTlsContext } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import { type Compiled, needsNothing } from '../compiled.ts';
import { upstreamTls } from './tls.ts';

/** Builds what encloses the bytes of connections to endpoints. Undefined for plain TCP. */
export function transportSocket({ tls }: Upstream, tenant: string): Compiled<TransportSocket | undefined> {
  if (!tls) return { message: undefined, needs: needsNothing };
  const { message: context, needs } = upstreamTls(tls, tenant);
  const typeName = 'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext';
  return { message: socket('envoy.transport_sockets.tls', pack(typeName, UpstreamTlsContext, context)), needs };
}

const socket = (name: string, value: ReturnType<typeof pack>): TransportSocket => ({
  name,
  configType: { $case: 'typedConfig', value },
});
