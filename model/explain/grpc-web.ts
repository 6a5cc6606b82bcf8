import type { Arrival } from './arrival.ts';

/** The content types that Envoy reads as gRPC-Web. */
const GRPC_WEB = /^application\/grpc-web(?:-text)?(?:\+proto)?$/;

/** Returns a gRPC-Web request as the edge translates it; any other request unchanged. */
export function asGrpc(arrival: Arrival): Arrival {
  if (!GRPC_WEB.test(arrival.headers['content-type']?.join() ?? '')) return arrival;
  const { 'content-length': _, ...headers } = arrival.headers;
  return {
    ...arrival,
    headers: {
      ...headers,
      'content-type': ['application/grpc'],
      te: ['trailers'],
      'grpc-accept-encoding': ['identity'],
    },
  };
}
