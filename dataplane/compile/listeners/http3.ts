import { http3Hosts } from '../../../model/binding/http3.ts';
import type { ScopeTable } from '../../../model/binding/scope-table.ts';
import type { Admission } from '../../../model/binding/server-hosts.ts';
import type { Configuration } from '../../../model/configuration.ts';
import { pack } from '../../envoy/any.ts';
import { SocketAddress_Protocol } from '../../envoy/gen/envoy/config/core/v3/address.ts';
import { Listener } from '../../envoy/gen/envoy/config/listener/v3/listener.ts';
import { FilterChain } from '../../envoy/gen/envoy/config/listener/v3/listener_components.ts';
import { QuicDownstreamTransport } from '../../envoy/gen/envoy/extensions/transport_sockets/quic/v3/quic_transport.ts';
import { DownstreamTlsContext } from '../../envoy/gen/envoy/extensions/transport_sockets/tls/v3/tls.ts';
import type { Compiled } from '../compiled.ts';
import { connectionManager } from '../manager/index.ts';
import { certificateSecret } from '../secrets/kinds.ts';
import { http3ChainName, listenerName, zoneOf } from '../values/names.ts';
import { ads } from '../values/source.ts';
import { type CompiledListener, type ListenerKind, type Part, type Port, socket } from './listener.ts';
import { byServerName } from './server-name.ts';
import { tlsContext } from './tls-context.ts';
import { isVerified, verifiedClients } from './tls-profile.ts';

/**
 * Listeners for HTTP/3. Envoy's certificate selector does not support QUIC, so each certificate has a filter chain, which
 * belongs to a tenant. The server name (SNI) of the handshake selects the chain. Without any chain, the port is closed.
 */
export const http3: ListenerKind = { listener, part };

function listener({ number, bind }: Port, address: string): CompiledListener {
  const name = listenerName('HTTP3', number);
  const base = Listener.fromPartial({
    name,
    statPrefix: 'http3',
    address: socket(address, bind, SocketAddress_Protocol.UDP),
    udpListenerConfig: { quicOptions: {} },
    filterChainMatcher: byServerName([]),
  });
  return { name, base, chains: [] };
}

/** Builds one filter chain per certificate and TLS profile of the tenant. */
function part(_: Configuration, table: ScopeTable, tenant: string, port: Port): Part {
  const chains = new Map<string, Compiled<FilterChain>>();
  const serverNames = [...http3Hosts(table.admissionsAt(port.number))].map(([host, admission]) => {
    if (!admission) return [host, undefined] as const;
    const name = http3ChainName(port.number, tenant, credentialsOf(admission), admission.profile);
    if (!chains.has(name)) chains.set(name, chain(name, port, tenant, admission));
    return [host, name] as const;
  });
  return { chains: [...chains.values()], serverNames };
}

const credentialsOf = ({ credentialName, profile }: Admission): readonly string[] =>
  profile?.credentialNames ?? [credentialName!]; // http3Hosts lists only hosts with a certificate

function chain(name: string, port: Port, tenant: string, admission: Admission): Compiled<FilterChain> {
  const { profile } = admission;
  const certificates = credentialsOf(admission).map((each) => certificateSecret(tenant, each));
  const clients = profile?.client && verifiedClients(tenant, profile.client);
  const context = DownstreamTlsContext.fromPartial({
    ...tlsContext,
    commonTlsContext: {
      alpnProtocols: ['h3'],
      tlsCertificateSdsSecretConfigs: certificates.map((each) => ({ name: each, sdsConfig: ads })),
      ...clients?.common,
    },
    ...(profile?.client && { requireClientCertificate: profile.client.isRequired }),
  });
  const transport = QuicDownstreamTransport.fromPartial({
    downstreamTlsContext: context,
    // A request in the first packets of a resumed session could be sent again by anybody who recorded it (RFC 9001 §9.2).
    enableEarlyData: false,
  });
  const manager = connectionManager(
    'https',
    port,
    profile && { zone: zoneOf(port.number, tenant, profile), isVerified: isVerified(profile) },
  );
  return {
    message: FilterChain.fromPartial({
      name,
      filters: [manager],
      transportSocket: {
        name: 'envoy.transport_sockets.quic',
        configType: {
          $case: 'typedConfig',
          value: pack(
            'envoy.extensions.transport_sockets.quic.v3.QuicDownstreamTransport',
            QuicDownstreamTransport,
            transport,
          ),
        },
      },
    }),
    needs: { clusters: [], secrets: [...certificates, ...(clients?.secrets ?? [])] },
  };
}
