import { AGENT_CLUSTER } from './agent-cluster.ts';
import { defaultLimits, type Limits, mostTenantClients, overloadManager } from './limits.ts';
import { readyListener } from './ready.ts';

/** A unix socket or a TCP address. */
export type Endpoint = { path: string } | { address: string; port: number };

export interface BootstrapOptions {
  node: {
    id: string;
    /** The fleet. */
    cluster: string;
    metadata?: Record<string, unknown>;
  };
  /** The address at which the agent serves xDS. */
  xds: Endpoint;
  /** With a Unix socket, the agent reads the health of endpoints there, and can drain the Envoy. */
  admin: Endpoint;
  /** Where load balancers ask whether the Envoy takes new connections (`GET /ready`). Default: nowhere. */
  ready?: Endpoint;
  /** Unix socket of the probe listener. Without it, an acknowledged change counts as live without a probe. */
  probe?: string;
  /** The number of worker threads. Pass the same number to Envoy as `--concurrency`. Default: 1. */
  concurrency?: number;
  /** Default: {@link defaultLimits} of this machine. */
  limits?: Limits;
}

/**
 * The largest number of RE2 instructions per pattern. The API accepts patterns of up to a quarter of this number
 * (`model/regex/size.ts`). The rest is for patterns that `compile` generates from long prefixes.
 */
const REGEX_PROGRAM_SIZE = 16_000;

/**
 * Builds the bootstrap of an Envoy, which contains the address of its agent and limits. Envoy gets everything else from
 * the agent over delta ADS.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/api-v3/config/bootstrap/v3/bootstrap.proto
 *
 * @returns the bootstrap as proto3 JSON, for `envoy -c`
 */
export function bootstrap({
  node,
  xds,
  admin,
  ready,
  probe,
  concurrency = 1,
  limits = defaultLimits(),
}: BootstrapOptions): Record<string, unknown> {
  return {
    node: {
      ...node,
      metadata: {
        ...node.metadata,
        gatehouse: {
          ...(probe !== undefined && { probe }),
          ...('path' in admin && { admin: admin.path }),
          workers: concurrency,
          tenantConnections: limits.tenantConnections,
          tenantClients: limits.tenantClients ?? mostTenantClients(limits.connections),
        },
      },
    },
    admin: { address: address(admin), ignore_global_conn_limit: true },
    overload_manager: overloadManager(limits),
    dynamic_resources: {
      ads_config: {
        api_type: 'DELTA_GRPC',
        transport_api_version: 'V3',
        set_node_on_first_message_only: true,
        grpc_services: [{ envoy_grpc: { cluster_name: AGENT_CLUSTER } }],
      },
      lds_config: { ads: {}, resource_api_version: 'V3' },
      cds_config: { ads: {}, resource_api_version: 'V3' },
    },
    // Envoy reports which clusters are in use. The agent evicts the hosts whose clusters are not.
    cluster_manager: {
      load_stats_config: {
        api_type: 'GRPC',
        transport_api_version: 'V3',
        grpc_services: [{ envoy_grpc: { cluster_name: AGENT_CLUSTER } }],
      },
    },
    static_resources: {
      clusters: [agentCluster(xds)],
      ...(ready && { listeners: [readyListener(address(ready))] }),
    },
    stats_config: { stats_matcher: { exclusion_list: { patterns: DROPPED_STATS.map((prefix) => ({ prefix })) } } },
    layered_runtime: {
      layers: [
        {
          name: 'gatehouse',
          static_layer: {
            're2.max_program_size.error_level': REGEX_PROGRAM_SIZE,
            // The API limits the size of patterns. A pattern that is merely large must not cause a log line per
            // request.
            're2.max_program_size.warn_level': REGEX_PROGRAM_SIZE,
            // Envoy finds headers such as `cdn-loop` by their names in each request. It would build a hash table for
            // that, which costs more than to compare the names of so many headers.
            'envoy.http.headermap.lazy_map_min_size': 64,
          },
        },
      ],
    },
  };
}

/**
 * Prefixes of the statistics that Envoy does not keep. They belong to resources that exist by the ten thousand, and the
 * statistics would need more memory than the resources. Each prefix consists of whole words, because only such prefixes
 * let Envoy reject a name without storing it. The prefixes depend on the names that `compile` gives to clusters,
 * managers and listeners.
 */
const DROPPED_STATS = [
  'cluster.tenants.',
  'vhost.',
  ...['http', 'https', 'outbound', 'probe'].map((manager) => `http.${manager}.rds.`),
  'sds.',
  'listener.https.on_demand_secret.',
];

function agentCluster(xds: Endpoint): Record<string, unknown> {
  return {
    name: AGENT_CLUSTER,
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: {
      cluster_name: AGENT_CLUSTER,
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(xds) } }] }],
    },
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        // With keepalive, Envoy notices that an agent hangs, and reconnects.
        explicit_http_config: { http2_protocol_options: { connection_keepalive: { interval: '30s', timeout: '20s' } } },
      },
    },
  };
}

function address(endpoint: Endpoint): Record<string, unknown> {
  if ('path' in endpoint) return { pipe: { path: endpoint.path, mode: 0o600 } };
  return { socket_address: { address: endpoint.address, port_value: endpoint.port } };
}
