import type { CircuitBreaker } from '../../../model/upstream/circuit-breaker.ts';
import type { Cluster } from '../../envoy/gen/envoy/config/cluster/v3/cluster.ts';
import { duration } from '../values/duration.ts';
import { lowered } from './tenant-share.ts';

/**
 * For how many milliseconds the buffer of a connection may be full. Meanwhile Envoy reads nothing more from the client.
 * Then Envoy closes the connection, and the request goes on without the copy.
 */
const MOST_FULL = 1000;

/** How many copies of one Envoy a cluster may get at a time. Each takes a file descriptor, and memory for its body. */
const MOST_COPIES = 256;

/**
 * How many seconds a copy may last, with its response, which nobody reads. It ends copies whose buffer is full within a
 * connection that carries others, as in HTTP/2.
 */
export const MOST_COPY_SECONDS = 10;

/** Builds the limits of a cluster that gets copies of requests. */
export const mirrorLimits = (): Partial<Cluster> => ({
  perConnectionBufferHighWatermarkTimeout: duration(MOST_FULL),
});

/**
 * Returns the limits of a cluster that gets copies: those of its upstream, up to {@link MOST_COPIES}, and up to a quarter
 * of the limit of the tenant's other clusters, because these clusters do not count for it.
 */
export const mirrorBreaker = (breaker: CircuitBreaker | undefined, most: number): CircuitBreaker =>
  lowered(breaker, Math.min(MOST_COPIES, Math.max(1, most / 4)));
