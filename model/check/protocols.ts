import type { Route } from '../kinds/route.ts';
import type { Upstream } from '../kinds/upstream.ts';
import { destinationsOf, type PlacedDestination } from '../route/destinations.ts';
import type { Rule } from '../route/rule.ts';
import { resourceName, type Violation } from '../violations.ts';
import type { Check } from './findings.ts';

/** Warns about destinations whose upstream cannot carry what the rule sends, or ignores settings for it. */
export const protocols: Check = function* (configuration, { warnings }, names) {
  for (const [name, route] of configuration.entries('route', names.route)) {
    yield;
    if (isUsual(route)) continue;
    for (const placed of destinationsOf(route)) {
      const upstream = configuration.find({ kind: 'upstream', ...placed.upstream });
      const { section, path } = placed;
      if (!upstream) continue;
      const rule = section === 'http' ? route.http![Number(path.split('/')[2])]! : undefined;
      for (const what of rule ? unfitForRequests(rule, placed, upstream) : unfitForConnections(placed, upstream))
        warnings.push({ resource: resourceName('route', name), path: `${path}/upstream`, ...what });
    }
  }
};

/** Whether upstreams of every protocol can carry what a route sends, as for most routes. */
const isUsual = ({ http = [], tls, tcp, udp }: Route): boolean =>
  !tls && !tcp && !udp && !http.some((rule) => isGrpc(rule) || rule.upgrades);

type What = Pick<Violation, 'code' | 'message' | 'hint'>;

const isGrpc = ({ grpcWeb, match = [] }: Rule): boolean => grpcWeb === true || match.some(({ grpc }) => grpc);

function* unfitForRequests(rule: Rule, { destination }: PlacedDestination, upstream: Upstream): Generator<What> {
  const { protocol = 'HTTP' } = upstream;
  if (protocol === 'HTTP' && isGrpc(rule))
    yield {
      code: 'protocol-mismatch',
      message: `the upstream ${destination.upstream} has the protocol HTTP (HTTP/1.1), over which gRPC calls fail`,
      hint: 'set its protocol to GRPC',
    };
  if (protocol === 'HTTP3' && rule.upgrades?.length)
    yield {
      code: 'protocol-mismatch',
      message: `the upstream ${destination.upstream} has the protocol HTTP3, over which no connection is upgraded`,
      hint: 'use an upstream with another protocol',
    };
}

function* unfitForConnections(
  { destination, section }: PlacedDestination,
  { loadBalancer, tls, proxyProtocol }: Upstream,
): Generator<What> {
  const hashes = loadBalancer?.hash ? 'hash' : loadBalancer?.sessionAffinity && 'sessionAffinity';
  if (hashes)
    yield {
      code: 'without-effect',
      message: `loadBalancer.${hashes} of the upstream ${destination.upstream} has no effect here: it reads requests, so each connection goes to a random endpoint`,
    };
  if (section !== 'udp') return;
  for (const [field, value] of Object.entries({ tls, proxyProtocol }))
    if (value !== undefined)
      yield {
        code: 'without-effect',
        message: `${field} of the upstream ${destination.upstream} has no effect here: datagrams are forwarded as they are`,
      };
}
