import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Child } from '../../cli/process/child.ts';
import type { Processes } from '../processes.ts';
import type { Pair } from '../workload.ts';

/** An Envoy with one worker and a static configuration file, without Gatehouse. */
export function startBare(
  {
    binary,
    name,
    listeners,
    clusters = [],
  }: { binary: string; name: string; listeners: object[]; clusters?: object[] },
  processes: Processes,
): Child {
  const file = join(processes.folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ static_resources: { listeners, clusters } }));
  const args = ['-c', file, '--concurrency', '1', '--use-dynamic-base-id', '-l', 'warning'];
  return processes.start({ name, command: binary, args });
}

/** One route for everything: `action` is the rest of it. */
export function listener(port: number, action: object, certificate?: Pair): object {
  const manager = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: `port-${port}`,
    route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes: [{ match: { prefix: '/' }, ...action }] }] },
    http_filters: [
      {
        name: 'envoy.filters.http.router',
        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
      },
    ],
  };
  const filters = [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }];
  return {
    name: `port-${port}`,
    address: { socket_address: { address: '127.0.0.1', port_value: port } },
    filter_chains: [{ filters, ...(certificate && { transport_socket: tls(certificate) }) }],
  };
}

function tls({ certificateChain, privateKey }: Pair): object {
  const pair = {
    certificate_chain: { inline_string: certificateChain },
    private_key: { inline_string: privateKey },
  };
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
      common_tls_context: { alpn_protocols: ['h2', 'http/1.1'], tls_certificates: [pair] },
    },
  };
}

export function cluster(name: string, port: number): object {
  const endpoint = { address: { socket_address: { address: '127.0.0.1', port_value: port } } };
  return {
    name,
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
  };
}
