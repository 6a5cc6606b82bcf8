import type { Fleet } from '../../model/fleet.ts';
import { pack } from '../envoy/any.ts';
import { Listener } from '../envoy/gen/envoy/config/listener/v3/listener.ts';
import { FilterChain } from '../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import { TlsInspector } from '../envoy/gen/envoy/extensions/filters/listener/tls_inspector/v3/tls_inspector.ts';
import { SNI } from '../envoy/gen/envoy/extensions/transport_sockets/tls/cert_mappers/sni/v3/config.ts';
import { Config } from '../envoy/gen/envoy/extensions/transport_sockets/tls/cert_selectors/on_demand_secret/v3/config.ts';
import { DownstreamTlsContext } from '../envoy/gen/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import { connectionManager } from './connection-manager.ts';
import { seconds } from './duration.ts';
import { listenerName } from './names.ts';
import { ads } from './source.ts';

/** What a fleet's listeners are made from; the same for every tenant, so that no tenant's change ever touches one. */
export interface ListeningFleet {
  ports: Fleet['ports'];
  /** Default `0.0.0.0`. */
  address?: string;
}

/** The secret Envoy asks for when a client names no server. */
const NO_SERVER_NAME = '__default__';

const BUFFER = 32 * 1024;

/** One listener a port, and the probe's on a Unix socket that nobody but the agent can open. */
export function listeners({ ports, address = '0.0.0.0' }: ListeningFleet, { probe }: { probe?: string }): Listener[] {
  const open = [...ports]
    .sort((a, b) => a.number - b.number)
    .map((port) => (port.protocol === 'HTTPS' ? https(address, port) : http(address, port)));
  return probe === undefined ? open : [...open, probing(probe)];
}

type Port = Fleet['ports'][number];

function http(address: string, port: Port): Listener {
  const { number, bind } = port;
  return Listener.fromPartial({
    name: listenerName('HTTP', number),
    statPrefix: 'http',
    address: socket(address, bind),
    filterChains: [{ name: 'default', filters: [connectionManager('http', port)] }],
    perConnectionBufferLimitBytes: BUFFER,
  });
}

function https(address: string, port: Port): Listener {
  const { number, bind } = port;
  return Listener.fromPartial({
    name: listenerName('HTTPS', number),
    statPrefix: 'https',
    address: socket(address, bind),
    listenerFilters: [
      {
        name: 'envoy.filters.listener.tls_inspector',
        configType: {
          $case: 'typedConfig',
          value: pack(
            'envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector',
            TlsInspector,
            TlsInspector.fromPartial({}),
          ),
        },
      },
    ],
    filterChains: [tlsChain(port)],
    perConnectionBufferLimitBytes: BUFFER,
  });
}

/** Every certificate is asked for by server name, at its first handshake. Changing this chain would drop all of them from Envoy's cache: keep it still. */
function tlsChain(port: Port): FilterChain {
  return FilterChain.fromPartial({
    name: 'default',
    filters: [connectionManager('https', port)],
    // The only bound on a handshake whose certificate does not come.
    transportSocketConnectTimeout: seconds(10),
    transportSocket: {
      name: 'envoy.transport_sockets.tls',
      configType: {
        $case: 'typedConfig',
        value: pack('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext', DownstreamTlsContext, tlsContext),
      },
    },
  });
}

const tlsContext = DownstreamTlsContext.fromPartial({
  commonTlsContext: {
    alpnProtocols: ['h2', 'http/1.1'],
    customTlsCertificateSelector: {
      name: 'envoy.tls.certificate_selectors.on_demand_secret',
      typedConfig: pack(
        'envoy.extensions.transport_sockets.tls.cert_selectors.on_demand_secret.v3.Config',
        Config,
        Config.fromPartial({
          configSource: ads,
          certificateMapper: {
            name: 'envoy.tls.certificate_mappers.sni',
            typedConfig: pack(
              'envoy.extensions.transport_sockets.tls.cert_mappers.sni.v3.SNI',
              SNI,
              SNI.fromPartial({ defaultValue: NO_SERVER_NAME }),
            ),
          },
        }),
      ),
    },
  },
  // The selector demands both: a resumed session would skip it.
  sessionTicketKeysType: { $case: 'disableStatelessSessionResumption', value: true },
  disableStatefulSessionResumption: true,
});

function probing(path: string): Listener {
  return Listener.fromPartial({
    name: 'probe',
    statPrefix: 'probe',
    address: { address: { $case: 'pipe', value: { path, mode: 0o600 } } },
    filterChains: [{ name: 'default', filters: [connectionManager('probe')] }],
    // Spreads the agent's few connections over all workers, each of which applies a change in its own time.
    connectionBalanceConfig: { balanceType: { $case: 'exactBalance', value: {} } },
    // The limit on visitors' connections must not apply to the agent.
    ignoreGlobalConnLimit: true,
  });
}

const socket = (address: string, portValue: number) => ({
  address: {
    $case: 'socketAddress' as const,
    value: { address, portSpecifier: { $case: 'portValue' as const, value: portValue } },
  },
});
