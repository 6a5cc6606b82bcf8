import { pack } from '../../envoy/any.ts';
import { GrpcWeb } from '../../envoy/gen/envoy/extensions/filters/http/grpc_web/v3/grpc_web.ts';
import type { PolicyCompiler } from '../policies/policy.ts';

/** Makes gRPC of gRPC-Web requests, and the reverse of their responses. It leaves all other requests unchanged. */
export const grpcWeb: PolicyCompiler<'grpcWeb', true> = {
  kind: 'grpcWeb',
  filter: () => pack('envoy.extensions.filters.http.grpc_web.v3.GrpcWeb', GrpcWeb, GrpcWeb.fromPartial({})),
};
