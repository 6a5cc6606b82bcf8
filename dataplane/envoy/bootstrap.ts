import { defaultLimits, type Limits, overloadManager } from './limits.ts';

/** A unix socket or a TCP address. */
export type Endpoint = { path: string } | { address: string; port: number };

export interface BootstrapOptions {
  node: {
    id: string;
    /** The fleet. */
    cluster: string;
    metadata?: Record<string, unknown>;
  };
  /** Where the agent serves xDS. */
  xds: Endpoint;
  admin: Endpoint;
  /** Unix socket of the probe listener. Without it, changes are acknowledged but never observed to be live. */
  probe?: string;
  /** Worker threads; the same number must be given to Envoy as `--concurrency`. Default: one. */
  concurrency?: number;
  /** Default: computed for this machine. */
  limits?: Limits;
}

/**
 * RE2 instructions per pattern. The API accepts a quarter (`model/regex/size.ts`); the rest is for patterns that
 * `compile` generates from long prefixes.
 */
const REGEX_PROGRAM_SIZE = 16_000;

/**
 * Builds the bootstrap of an Envoy: how it reaches its agent. It gets everything else over delta ADS.
 *
 * @returns the bootstrap as proto3 JSON, for `envoy -c`
 */
export function bootstrap({
  node,
  xds,
  admin,
  probe,
  concurrency = 1,
  limits = defaultLimits(),
}: BootstrapOptions): Record<string, unknown> {
  return {
    node: {
      ...node,
      metadata: { ...node.metadata, gatehouse: { ...(probe !== undefined && { probe }), workers: concurrency } },
    },
    admin: { address: address(admin), ignore_global_conn_limit: true },
    overload_manager: overloadManager(limits),
    dynamic_resources: {
      ads_config: {
        api_type: 'DELTA_GRPC',
        transport_api_version: 'V3',
        set_node_on_first_message_only: true,
        grpc_services: [{ envoy_grpc: { cluster_name: 'xds' } }],
      },
      lds_config: { ads: {}, resource_api_version: 'V3' },
      cds_config: { ads: {}, resource_api_version: 'V3' },
    },
    // Reports which hosts are in use; the agent evicts the others.
    cluster_manager: {
      load_stats_config: {
        api_type: 'GRPC',
        transport_api_version: 'V3',
        grpc_services: [{ envoy_grpc: { cluster_name: 'xds' } }],
      },
    },
    static_resources: { clusters: [agentCluster(xds)] },
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
          },
        },
      ],
    },
  };
}

/**
 * Statistics of resources that exist by the ten thousand would need more memory than the resources. Each prefix
 * consists of whole words: only such prefixes let Envoy reject a name without storing it. They depend on the names that
 * `compile` gives to clusters, managers and listeners.
 */
const DROPPED_STATS = [
  'cluster.tenants.',
  'vhost.',
  ...['http', 'https', 'probe'].map((manager) => `http.${manager}.rds.`),
  'sds.',
  'listener.https.on_demand_secret.',
];

function agentCluster(xds: Endpoint): Record<string, unknown> {
  return {
    name: 'xds',
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: { cluster_name: 'xds', endpoints: [{ lb_endpoints: [{ endpoint: { address: address(xds) } }] }] },
    typed_extension_protocol_options: {
      'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
        '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
        // Envoy notices an agent that hangs, and connects again.
        explicit_http_config: { http2_protocol_options: { connection_keepalive: { interval: '30s', timeout: '20s' } } },
      },
    },
  };
}

function address(endpoint: Endpoint): Record<string, unknown> {
  if ('path' in endpoint) return { pipe: { path: endpoint.path, mode: 0o600 } };
  return { socket_address: { address: endpoint.address, port_value: endpoint.port } };
}
