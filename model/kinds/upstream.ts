import { z } from 'zod';
import { CircuitBreaker } from '../upstream/circuit-breaker.ts';
import { HealthCheck } from '../upstream/health-check.ts';
import { LoadBalancer } from '../upstream/load-balancer.ts';
import { Locality } from '../upstream/locality.ts';
import { OutlierDetection } from '../upstream/outlier-detection.ts';
import { wrongIn } from '../upstream/rules.ts';
import { certificatesOf, trustBundlesOf, UpstreamTls } from '../upstream/tls.ts';
import { addressHint, addressKind } from '../values/address.ts';
import { PositiveDuration } from '../values/duration.ts';
import { Labels } from '../values/labels.ts';
import { Name } from '../values/name.ts';
import { own } from '../values/own.ts';
import { clipped } from '../values/quote.ts';
import { evenIfInvalid, isObject } from '../values/refine.ts';
import { sparse } from '../values/sparse.ts';
import { type Counted, define } from './definition.ts';

const Port = z.int().min(1).max(65535);

export const Endpoint = sparse
  .strictObject({
    address: z
      .string()
      .min(1)
      .max(253, { abort: true })
      .superRefine((address, context) => {
        if (addressKind(address) !== undefined) return;
        context.addIssue({
          code: 'custom',
          message: 'must be an IPv4 address, an IPv6 address without brackets, or a DNS name',
          params: { hint: addressHint(address) },
        });
      })
      .describe(
        'An IP address, or a DNS name that is resolved again and again. While a name does not exist or is not answered, its last good addresses stay in use.',
      ),
    port: Port.optional().describe('Default: the port of the upstream.'),
    labels: Labels.optional().describe('The labels by which subsets select endpoints.'),
    locality: Locality.optional().describe(
      'Where it is: region, zone and sub-zone. `loadBalancer.localityWeights` names it.',
    ),
    priority: z
      .int()
      .min(0)
      .max(15)
      .optional()
      .describe(
        'Default 0, the highest. Requests go to endpoints of a lower priority as those of higher ones become unhealthy.',
      ),
    weight: z.int().min(1).max(10_000).optional().describe('Share of the traffic among the endpoints; default 1.'),
  })
  .meta({ id: 'Endpoint', example: { address: '10.0.0.7', port: 9080, labels: { version: 'v1' } } });
export type Endpoint = z.infer<typeof Endpoint>;

const Subset = sparse
  .strictObject({
    name: Name,
    labels: Labels.refine((labels) => Object.keys(labels).length > 0, 'needs at least one label'),
  })
  .meta({
    id: 'Subset',
    description: 'The endpoints that carry all of these labels.',
    example: { name: 'v1', labels: { version: 'v1' } },
  });

export const Upstream = sparse
  .strictObject({
    labels: Labels.optional(),
    port: Port.describe('The service port: what destinations may name, and the default of the endpoints.'),
    protocol: z
      .enum(['HTTP', 'HTTP2', 'HTTP3', 'GRPC', 'AUTO'])
      .optional()
      .describe(
        'Protocol for the endpoints; default HTTP (HTTP/1.1). Without `tls`, HTTP2 is sent without an upgrade, as gRPC servers expect it. GRPC is the same as HTTP2. HTTP3 sends requests over QUIC (UDP); it needs `tls`, and excludes `healthChecks`; endpoints get neither connections of `tcp` rules nor upgrades such as WebSocket. With AUTO, each endpoint chooses HTTP/1.1 or HTTP/2 in the TLS handshake (ALPN); it needs `tls`.',
      ),
    endpoints: z.array(Endpoint).max(2000),
    subsets: z.array(Subset).max(64).optional(),
    connectTimeout: PositiveDuration.optional().describe('Default 5s; at least 1ms.'),
    dns: z
      .enum(['strict', 'logical'])
      .optional()
      .describe(
        'How DNS names are used; default strict: every address of a name is an endpoint. With logical, new connections go to the first address, and open connections stay when the name changes; it needs exactly one endpoint, for large services whose name returns other addresses each time.',
      ),
    proxyProtocol: z
      .enum(['V1', 'V2'])
      .optional()
      .describe('Begins each connection with a PROXY protocol header, which names the address of the client.'),
    tls: UpstreamTls.optional(),
    healthChecks: z
      .array(HealthCheck)
      .min(1)
      .max(1, 'Envoy performs one health check per upstream')
      .optional()
      .describe('One health check. It needs endpoints with IP addresses.'),
    loadBalancer: LoadBalancer.optional(),
    circuitBreaker: CircuitBreaker.optional(),
    outlierDetection: OutlierDetection.optional(),
  })
  .superRefine((upstream, context) => {
    for (const { path, code, message } of wrongIn(upstream))
      context.addIssue({ code: 'custom', path, message, params: { code } });
    const seen = new Set<unknown>();
    const subsets = Array.isArray(upstream.subsets) ? upstream.subsets : [];
    subsets.forEach((subset, index) => {
      const name = isObject(subset) ? subset.name : undefined;
      if (name !== undefined && seen.has(name))
        context.addIssue({
          code: 'custom',
          path: ['subsets', index, 'name'],
          message: `another subset is named ${clipped(String(name))}`,
          params: { code: 'duplicate-subset' },
        });
      seen.add(name);
    });
  }, evenIfInvalid(isObject))
  .meta({
    id: 'Upstream',
    description:
      'An application to which routes send requests: its endpoints, and the subsets of them that routes may name.',
    example: {
      port: 9080,
      endpoints: [{ address: '10.0.0.7', labels: { version: 'v1' } }],
      subsets: [{ name: 'v1', labels: { version: 'v1' } }],
    },
  });
export type Upstream = z.infer<typeof Upstream>;

export const upstream = define({
  id: 'upstream',
  plural: 'upstreams',
  title: 'Upstream',
  summary: 'Applications to which routes send requests.',
  schema: Upstream,
  input: Upstream,
  refersTo: {
    certificate: ({ tls }) => certificatesOf(tls),
    trustBundle: ({ tls }) => trustBundlesOf(tls),
  },
  delivery: 'always',
  secrets: {},
  counts: clusterSizes,
});

/** Counts the endpoints in Envoy's memory: those of the upstream, and again those of each subset's cluster. */
function* clusterSizes({ endpoints, subsets = [] }: Upstream): Generator<Counted> {
  yield [endpoints.length, '/endpoints'];
  for (const [index, { labels }] of subsets.entries()) yield [selected(endpoints, labels), `/subsets/${index}`];
}

/** Counts the endpoints that carry the labels. It is faster than `carries` for 64 subsets of 2,000 endpoints. */
function selected(endpoints: readonly Endpoint[], labels: Labels): number {
  const wanted = Object.entries(labels);
  let count = 0;
  for (const { labels } of endpoints) if (wanted.every(([key, value]) => own(labels, key) === value)) count++;
  return count;
}
