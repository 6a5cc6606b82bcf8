import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';

/**
 * The resources that one Envoy may use. Above these limits, Envoy rejects connections and requests. Otherwise the system
 * would kill it.
 */
export interface Limits {
  /** The largest number of open connections from visitors. */
  connections: number;
  /** The largest size of the heap in bytes. */
  heap: number;
  /** The largest number of open connections to the upstreams of one tenant, which the agent observes. */
  tenantConnections: number;
  /** The largest number of connections of visitors that may be forwarded for one tenant. Default: {@link mostTenantClients}. */
  tenantClients?: number;
}

/** Envoy's share of the memory. The rest is for threads, kernel buffers and the agent. */
const HEAP_SHARE = 0.8;

/** The number of connections that Envoy's documentation recommends for an edge. */
export const MOST_CONNECTIONS = 50_000;

/**
 * Visitors' share of the file descriptors. A TCP connection takes a second descriptor for its upstream, and so does an
 * HTTP connection for each request that is open at a time. Envoy 1.40 crashes if it has none left for the upstream of a
 * TCP connection (envoyproxy/envoy#39055).
 */
const FILES_SHARE = 0.25;

/**
 * One tenant's share of the file descriptors, and of the heap, for connections to its upstreams. A connection with an
 * open request, without a body, takes 28 KB of the heap.
 */
const [TENANT_SHARE, CONNECTION_SIZE] = [0.25, 32 * 1024];

/** The largest number of connections to the upstreams of one tenant: its share of 1,048,576 file descriptors. */
export const MOST_TENANT_CONNECTIONS = 262_144;

/**
 * Envoy resets only streams with buffers of at least 2 to the power of this number, in bytes: 16 KB. The closer the
 * heap comes to 92 % of its limit, the smaller the streams that it resets.
 */
const SMALLEST_TRACKED = 14;

/**
 * Returns the default limits: {@link MOST_CONNECTIONS}, or a quarter of the files that a process may open if that is
 * less; 80 % of the memory of this machine or container; and for each tenant, a quarter of the files and of the heap.
 *
 * @param files how many files Envoy may open; default: the hard limit of this process, to which Envoy raises its own
 */
export function defaultLimits(files = mostFiles(), heap = defaultHeap()): Limits {
  const share = TENANT_SHARE * Math.min(files, heap / CONNECTION_SIZE);
  return {
    connections: Math.min(MOST_CONNECTIONS, Math.floor(files * FILES_SHARE)),
    heap,
    tenantConnections: Math.max(1, Math.min(MOST_TENANT_CONNECTIONS, Math.floor(share))),
  };
}

/** Returns one tenant's share of the connections of visitors, if they are forwarded as they are. */
export const mostTenantClients = (connections: number): number => Math.max(1, Math.floor(TENANT_SHARE * connections));

const defaultHeap = (): number =>
  Math.floor(HEAP_SHARE * Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY));

/** Returns how many files a process may open at most (`RLIMIT_NOFILE`, hard). Infinity if the system does not say. */
function mostFiles(): number {
  try {
    const [, hard] = /^Max open files +\S+ +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
    return hard === undefined ? Number.POSITIVE_INFINITY : Number(hard);
  } catch {
    return Number.POSITIVE_INFINITY; // not Linux
  }
}

/**
 * Builds Envoy's overload manager for these limits, as proto3 JSON. Connections of the agent's probes and of the admin
 * interface do not count.
 * https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/best_practices/edge
 */
export function overloadManager({ connections, heap }: Limits): Record<string, unknown> {
  const monitor = (name: string, type: string, config: object) => ({
    name: `envoy.resource_monitors.${name}`,
    typed_config: { '@type': `type.googleapis.com/envoy.extensions.resource_monitors.${type}`, ...config },
  });
  const atHeap = (action: string, value: number) => ({
    name: `envoy.overload_actions.${action}`,
    triggers: [{ name: 'envoy.resource_monitors.fixed_heap', threshold: { value } }],
  });
  return {
    refresh_interval: '0.25s',
    resource_monitors: [
      monitor('global_downstream_max_connections', 'downstream_connections.v3.DownstreamConnectionsConfig', {
        max_active_downstream_connections: connections,
      }),
      monitor('fixed_heap', 'fixed_heap.v3.FixedHeapConfig', { max_heap_size_bytes: heap }),
    ],
    // In order of heap use: reset the streams of HTTP/2 and HTTP/3 with the largest buffers, release free memory, close
    // idle connections, answer new requests with 503, and finally accept no connections. The limit on connections does not
    // count those over QUIC, so only this bounds them.
    buffer_factory_config: { minimum_account_to_track_power_of_two: SMALLEST_TRACKED },
    actions: [
      {
        name: 'envoy.overload_actions.reset_high_memory_stream',
        triggers: [
          {
            name: 'envoy.resource_monitors.fixed_heap',
            scaled: { scaling_threshold: 0.8, saturation_threshold: 0.92 },
          },
        ],
      },
      atHeap('shrink_heap', 0.9),
      atHeap('disable_http_keepalive', 0.92),
      atHeap('close_idle_http_connections', 0.92),
      atHeap('stop_accepting_requests', 0.95),
      atHeap('stop_accepting_connections', 0.98),
    ],
  };
}
