import { totalmem } from 'node:os';

/** What one Envoy may take of its machine. Beyond it Envoy refuses, rather than fall with everything it serves. */
export interface Limits {
  /** Visitors' connections that are open at once. */
  connections: number;
  /** Bytes of heap. */
  heap: number;
}

/** Of the memory there is; the rest is for threads, the kernel's buffers and the agent. */
const HEAP_SHARE = 0.8;

/** 50,000 connections, as Envoy's documentation has it for an edge, and 80 % of this machine's or container's memory. */
export function defaultLimits(): Limits {
  const memory = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY);
  return { connections: 50_000, heap: Math.floor(memory * HEAP_SHARE) };
}

/**
 * Envoy's overload manager for these limits. Listeners of our own (the probe's, the admin's) do not count.
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
    // Shares of the heap: give back what is free, let connections go, and last answer 503 to new requests.
    actions: [
      atHeap('shrink_heap', 0.9),
      atHeap('disable_http_keepalive', 0.92),
      atHeap('stop_accepting_requests', 0.95),
    ],
  };
}
