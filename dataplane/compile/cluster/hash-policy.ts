import type { HashKey } from '../../../model/upstream/hash-key.ts';
import type { LoadBalancer } from '../../../model/upstream/load-balancer.ts';
import { milliseconds } from '../../../model/values/duration.ts';
import { RouteAction_HashPolicy as HashPolicy } from '../../envoy/gen/envoy/config/route/v3/route_components.ts';
import { duration } from '../values/duration.ts';

/**
 * Builds the hash policies of a cluster. They belong to the cluster and not to its routes, so that each of several
 * weighted destinations hashes by its own keys, and a change of the keys changes no routes.
 */
export function hashPolicies({ hash = [], sessionAffinity }: LoadBalancer): HashPolicy[] {
  if (!sessionAffinity)
    return hash.map((key) => HashPolicy.fromPartial({ policySpecifier: keyOf(key), terminal: true }));
  const { cookie: name, ttl = '0s', path = '/' } = sessionAffinity;
  return [
    HashPolicy.fromPartial({
      // Envoy sets the cookie only when it has a TTL. A TTL of 0 is a cookie without `Max-Age`.
      policySpecifier: { $case: 'cookie', value: { name, ttl: duration(milliseconds(ttl)!), path } },
      terminal: true,
    }),
  ];
}

function keyOf({ header, cookie, queryParam }: HashKey): HashPolicy['policySpecifier'] {
  if (header !== undefined) return { $case: 'header', value: { headerName: header, regexRewrite: undefined } };
  if (cookie !== undefined)
    return { $case: 'cookie', value: { name: cookie, ttl: undefined, path: '', attributes: [] } };
  if (queryParam !== undefined) return { $case: 'queryParameter', value: { name: queryParam } };
  return { $case: 'connectionProperties', value: { sourceIp: true } };
}
