import type { Arrival } from './arrival.ts';

/** A response that the edge generates, without an upstream. */
export interface EdgeResponse {
  status: number;
  /** The `grpc-status`, for a gRPC request. The HTTP status is 200 then. */
  grpcStatus?: number;
  body?: string;
  location?: string;
  /** Headers that a direct response sets, by name in lower case. */
  headers?: Record<string, string>;
}

/**
 * Adapts a response of the edge to the request. Envoy answers gRPC requests with the HTTP status 200 and sends the
 * error in `grpc-status`.
 *
 * @param answer the response to a request that is not gRPC
 */
export function responseTo({ headers }: Pick<Arrival, 'headers'>, answer: EdgeResponse): EdgeResponse {
  const isGrpc = /^application\/grpc(?:$|[+;])/.test((headers['content-type'] ?? []).join());
  return isGrpc ? { ...answer, status: 200, grpcStatus: GRPC[answer.status] ?? 2 } : answer;
}

/** https://github.com/grpc/grpc/blob/master/doc/http-grpc-status-mapping.md */
const GRPC: Record<number, number> = { 400: 13, 401: 16, 403: 7, 404: 12, 429: 14, 502: 14, 503: 14, 504: 14 };
