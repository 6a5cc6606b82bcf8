/** Decides which rules make gRPC of gRPC-Web. `explain` and Envoy's routes share this code. */
import type { Configuration } from '../configuration.ts';
import type { RankedRule } from './precedence.ts';

/**
 * Whether a rule translates gRPC-Web: as its `grpcWeb` says, or else if the protocol of the server is GRPC-WEB.
 *
 * @param configuration the configuration from which the rule was ranked
 */
export function translatesGrpcWeb(configuration: Configuration, { spec, through }: RankedRule): boolean {
  if (!spec.route) return false;
  if (spec.grpcWeb !== undefined) return spec.grpcWeb;
  const server = through && configuration.get('gateway', through.gateway)?.servers[through.server];
  return server?.port.protocol === 'GRPC-WEB';
}
