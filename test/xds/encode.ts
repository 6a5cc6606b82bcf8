import { certificatePair } from '../../dataplane/serve/state/certificate-pairs.ts';
import { encodeSecret } from '../../dataplane/serve/types/secret.ts';
import type { XdsResource } from '../../dataplane/xds/resource.ts';

/** The product's own encoders, for tests and measurements that serve resources without an agent. */
export { encodeRoutes as routes } from '../../dataplane/serve/state/route-resources.ts';
export { encodeCluster as cluster } from '../../dataplane/serve/types/cluster.ts';
export { encodeEndpoints as endpoints } from '../../dataplane/serve/types/endpoints.ts';
export { encodeListener as listener } from '../../dataplane/serve/types/listener.ts';
export { encodeScope as scope } from '../../dataplane/serve/types/scope.ts';

/** @returns undefined when the key does not belong to the certificate */
export function secret(serverName: string, chain: string, key: string): XdsResource | undefined {
  const pair = certificatePair(chain, key);
  return pair && encodeSecret(serverName, pair);
}
