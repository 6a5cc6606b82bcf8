/** Random request bodies. Most pass `check`; the others are skipped. */
import { connectionSections, gateway, subjectAltName } from './doors.ts';
import { pattern } from './pattern.ts';
import type { Random } from './random.ts';
import { conditions, cors, forwarding, grpc, redirect } from './rule-features.ts';
import { locality, upstreamFeatures } from './upstream-features.ts';
import { address, duration, headerName, host, path, text, weight } from './values.ts';

export interface Spec {
  kind: 'route' | 'upstream' | 'gateway';
  body: unknown;
}

export const GATEWAY = 'g';
export const UPSTREAMS = ['u', 'v', 'w'];
export const SUBSETS = ['one', 'two'];

export function spec(random: Random): Spec {
  const kind = random.below(100);
  if (kind < 68) return { kind: 'route', body: route(random) };
  if (kind < 70) return { kind: 'route', body: connections(random) };
  return kind < 72 ? { kind: 'gateway', body: gateway(random) } : { kind: 'upstream', body: upstream(random) };
}

/** A route for connections and datagrams. */
const connections = (random: Random) => ({
  ...random.maybe(60, 'hosts', () => random.some(1, 2, () => host(random))),
  gateways: [GATEWAY],
  ...connectionSections(random, UPSTREAMS),
});

const route = (random: Random) => ({
  ...random.maybe(10, 'labels', () => labels(random)),
  hosts: random.some(1, 2, () => host(random)),
  gateways: [GATEWAY],
  http: random.some(1, 3, () => rule(random)),
});

function rule(random: Random): Record<string, unknown> {
  const kind = random.below(100);
  const forwards = kind < 65;
  return {
    ...random.maybe(10, 'name', () => 'rule'),
    ...random.maybe(80, 'match', () => random.some(1, 2, () => match(random))),
    ...(forwards
      ? { route: destinations(random) }
      : kind < 80
        ? { directResponse: directResponse(random) }
        : { redirect: redirect(random) }),
    ...(forwards && random.maybe(25, 'rewrite', () => rewrite(random))),
    ...(forwards && random.maybe(25, 'timeout', () => duration(random))),
    ...(forwards && forwarding(random, () => destination(random))),
    ...random.maybe(20, 'cors', () => cors(random)),
    ...random.maybe(35, 'headers', () => ({
      ...random.maybe(70, 'request', () => headerChanges(random)),
      ...random.maybe(70, 'response', () => headerChanges(random)),
    })),
  };
}

function match(random: Random): Record<string, unknown> {
  const isGrpc = random.chance(8);
  return {
    ...(isGrpc ? grpc(random) : target(random)),
    ...conditions(random),
    ...random.maybe(25, 'headers', () =>
      map(
        random,
        () => headerName(random),
        () => headerCondition(random),
      ),
    ),
    ...random.maybe(15, 'withoutHeaders', () =>
      map(
        random,
        () => headerName(random),
        () => headerCondition(random),
      ),
    ),
    ...random.maybe(15, 'queryParams', () =>
      map(
        random,
        () => text(random, 2),
        () => condition(random),
      ),
    ),
  };
}

/** Conditions on the path and the method. */
const target = (random: Random): Record<string, unknown> => ({
  ...random.maybe(75, 'uri', () => ({
    [random.pick(['exact', 'prefix', 'pathPrefix'])]: path(random),
    ...replaced(random),
  })),
  ...random.maybe(20, 'ignoreUriCase', () => random.chance(80)),
  ...random.maybe(20, 'method', () => condition(random)),
});

/** Replaces a text by a pattern. */
function replaced(random: Random): Record<string, unknown> {
  return random.chance(40)
    ? { exact: undefined, prefix: undefined, pathPrefix: undefined, regex: pattern(random) }
    : {};
}

const condition = (random: Random): Record<string, unknown> =>
  random.chance(40)
    ? { regex: pattern(random) }
    : { [random.pick(['exact', 'prefix'])]: random.chance(50) ? random.pick(['GET', 'POST', 'a']) : text(random) };

const headerCondition = (random: Random): Record<string, unknown> =>
  random.chance(15) ? { present: true } : condition(random);

function map(random: Random, key: () => string, value: () => unknown): Record<string, unknown> {
  return Object.fromEntries(random.some(0, 2, () => [key(), value()]));
}

const destination = (random: Random) => ({
  upstream: random.pick(UPSTREAMS),
  ...random.maybe(40, 'subset', () => random.pick(SUBSETS)),
});

const destinations = (random: Random): unknown[] => {
  const several = random.chance(40);
  return random.some(several ? 2 : 1, several ? 4 : 1, () => ({
    ...(several && random.chance(15)
      ? { directResponse: directResponse(random) }
      : {
          destination: destination(random),
          ...random.maybe(10, 'rewrite', () => rewrite(random)),
          ...random.maybe(10, 'headers', () => ({ request: headerChanges(random), response: headerChanges(random) })),
        }),
    ...(several || random.chance(20) ? { weight: weight(random) } : {}),
  }));
};

const rewrite = (random: Random) => ({
  ...(random.chance(30)
    ? { regex: { pattern: `/(${pattern(random)})/${pattern(random)}`, substitution: substitution(random) } }
    : random.maybe(70, 'uri', () => path(random))),
  ...random.maybe(50, 'authority', () =>
    random.chance(60)
      ? 'inner.test:8080'
      : random.pick([text(random, 2), '[::1]:80', '1.2.3.4', 'a'.repeat(260), 'a:99999']),
  ),
});

const substitution = (random: Random) =>
  `${path(random)}${random.pick(['\\1', '\\1', '\\0', '\\2', '\\\\', '\\1\\1', '\\1/\\0', '%\\1', '\\12f', ''])}`;

const headerChanges = (random: Random) => ({
  ...random.maybe(60, 'set', () =>
    map(
      random,
      () => headerName(random),
      () => text(random),
    ),
  ),
  ...random.maybe(50, 'add', () =>
    map(
      random,
      () => headerName(random),
      () => text(random),
    ),
  ),
  ...random.maybe(50, 'remove', () => random.some(0, 2, () => headerName(random))),
});

const directResponse = (random: Random) => ({
  status: random.chance(70)
    ? random.pick([200, 201, 301, 404, 503])
    : random.pick([100, 199, 200, 204, 205, 299, 304, 599, 600, 99, 0]),
  ...random.maybe(60, 'body', () => text(random, 30)),
});

const labels = (random: Random): Record<string, unknown> =>
  map(
    random,
    () => (random.chance(80) ? random.pick(['version', 'a/b', 'x.y', 'constructor']) : text(random, 2)),
    () => (random.chance(80) ? 'v1' : text(random, 2)),
  );

const upstreamTls = (random: Random) => ({
  ...random.maybe(70, 'caCertificates', () => random.pick(['ca', 'ca', 'none'])),
  ...random.maybe(70, 'sni', () => random.pick(['a.test', 'A.Test', 'x_y.test', host(random)])),
  ...random.maybe(50, 'subjectAltNames', () => random.some(1, 3, () => subjectAltName(random))),
  ...random.maybe(40, 'credentialName', () => random.pick(['rsa', 'ecdsa'])),
});

const hasWeights = ({ loadBalancer }: { loadBalancer?: object }) =>
  loadBalancer !== undefined && 'localityWeights' in loadBalancer;

const upstream = (random: Random, features = upstreamFeatures(random)) => ({
  ...random.maybe(10, 'labels', () => labels(random)),
  port: random.chance(90) ? 1 + random.below(65_535) : random.pick([0, 1, 65_535, 65_536, -1, 1.5]),
  ...random.maybe(30, 'protocol', () => random.pick(['HTTP', 'HTTP2', 'HTTP3', 'GRPC', 'AUTO'])),
  ...random.maybe(40, 'tls', () => upstreamTls(random)),
  endpoints: random.some(0, 5, () => ({
    address: address(random),
    ...random.maybe(30, 'port', () => 1 + random.below(65_535)),
    ...random.maybe(30, 'priority', () => random.below(16)),
    ...random.maybe(30, 'weight', () => random.pick([1, 5, 10_000, 10_000, 0, 10_001])),
    ...random.maybe(40, 'labels', () => labels(random)),
    // A locality needs weights of localities.
    ...(hasWeights(features) && random.maybe(60, 'locality', () => locality(random))),
  })),
  ...random.maybe(30, 'subsets', () => [{ name: 'one', labels: { version: 'v1' } }]),
  ...random.maybe(40, 'connectTimeout', () => duration(random)),
  ...features,
});
