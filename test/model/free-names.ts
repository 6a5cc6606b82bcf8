/**
 * Generates documents and requests with free names in every field that takes one. A name is drawn as a mark, for which
 * a test writes a name that every object inherits, or an ordinary name of the same length and order.
 */
import fc from 'fast-check';

/** Marks for names of resources, hosts and ports; for keys of labels; and for all others. */
const [DNS, LABEL, FREE] = ['<dns>', '<label>', '<free>'];

/** The names that every object inherits, but the one that JSON texts may not have. */
const inherited = Object.getOwnPropertyNames(Object.prototype).filter((name) => name !== '__proto__');

/** Three names for the marks. */
export interface Names {
  dns: string;
  label: string;
  free: string;
}
export const names: fc.Arbitrary<Names> = fc.record({
  dns: fc.constant('constructor'),
  label: fc.constantFrom(...inherited.filter((name) => !name.startsWith('_'))),
  // Headers are written in lower case, in which only this one is inherited.
  free: fc.oneof(fc.constant('constructor'), fc.constantFrom(...inherited)),
});

/** Returns a name that no object inherits, and that has the same length and nearly always the same order. */
const ordinary = (name: string): string =>
  name.replace(/[a-z](_*)$/, (end) => String.fromCharCode(end.charCodeAt(0) - 1) + end.slice(1));
export const ordinaryNames = ({ dns, label, free }: Names): Names => ({
  dns: ordinary(dns),
  label: ordinary(label),
  free: ordinary(free),
});

/** Writes names for the marks in a template. */
export const written = <T>(template: T, { dns, label, free }: Names): T =>
  JSON.parse(JSON.stringify(template).replaceAll(DNS, dns).replaceAll(LABEL, label).replaceAll(FREE, free));

/** Replaces ordinary names in a value, such as an answer, by the inherited names. */
export function renamed(value: unknown, odd: Names): unknown {
  let text = JSON.stringify(value);
  for (const name of [odd.dns, odd.label, odd.free])
    for (const each of [name, name.toLowerCase()]) text = text.replaceAll(ordinary(each), each);
  return JSON.parse(text);
}

const of = fc.constantFrom;
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const text = of({ exact: '1' }, { prefix: '1' }, { regex: '1.*' }, { regex: '1*' });
const header = fc.oneof(text, fc.constant({ present: true }));
const some = <T>(keys: readonly string[], value: fc.Arbitrary<T>) =>
  maybe(fc.dictionary(of(...keys), value, { minKeys: 1, maxKeys: 2 }));
const headers = [FREE, FREE, 'x-a'];
const labels = some([LABEL, 'v'], of('1', '2'));

const match = fc.record({
  headers: some(headers, header),
  withoutHeaders: some(headers, header),
  cookies: some(headers, header),
  queryParams: some(headers, text),
});
const changes = fc.record({
  set: some(headers, of('1', '')),
  add: some(headers, of('2', '')),
  remove: maybe(fc.uniqueArray(of(FREE, 'x-a'), { maxLength: 2 })),
});
const both = maybe(fc.record({ request: maybe(changes), response: maybe(changes) }));
const cors = maybe(
  fc.record({ allowOrigins: of([{ exact: 'https://a.example' }]), allowHeaders: of([FREE], ['x-a', FREE]) }),
);
const upstreams = [DNS, 'web'] as const;
const shares = fc.oneof(
  of(...upstreams).map((upstream) => [{ destination: { upstream } }]),
  of(DNS, 'v').map((subset) => [{ destination: { upstream: DNS, subset } }]),
  both.map((changed) => upstreams.map((upstream) => ({ destination: { upstream }, weight: 1, headers: changed }))),
);
const rule = fc
  .record({
    match: maybe(fc.array(match, { minLength: 1, maxLength: 2 })),
    action: fc.oneof(
      shares.map((route) => ({ route })),
      shares.map((route) => ({ route })),
      some(headers, of('1')).map((all) => ({ directResponse: { status: 200, headers: all } })),
    ),
    headers: both,
    cors,
    grpcWeb: maybe(fc.boolean()),
  })
  .map(({ action, grpcWeb, ...each }) => ({ ...each, ...action, ...('route' in action && { grpcWeb }) }));

const upstream = fc
  .record({
    labels,
    endpoints: fc.array(fc.record({ labels, locality: of(FREE, 'eu', undefined) }), { minLength: 1, maxLength: 3 }),
    subsets: fc.tuple(of({ [LABEL]: '1' }, { v: '1' }), of({ v: '2' })),
    health: maybe(some(headers, of('1'))),
    loadBalancer: of<object | undefined>(
      ...[undefined, { localityWeights: { [FREE]: 5, eu: 3 } }, { localityWeights: { eu: 3 } }],
      ...[{ header: FREE }, { cookie: FREE }, { queryParam: FREE }].map((key) => ({
        policy: 'RING_HASH',
        hash: [key],
      })),
      { sessionAffinity: { cookie: FREE } },
    ),
  })
  .map(({ endpoints, subsets, health, ...each }) => ({
    ...each,
    port: 80,
    endpoints: endpoints.map(({ labels, locality }, index) => ({
      address: `10.0.0.${index + 1}`,
      labels,
      // A locality needs weights of localities.
      ...(each.loadBalancer && 'localityWeights' in each.loadBalancer && { locality }),
    })),
    subsets: [DNS, 'v'].map((name, index) => ({ name, labels: subsets[index]! })),
    ...(health && { healthChecks: [{ http: { path: '/', headers: health } }] }),
  }));

const HOSTS = [DNS, `${DNS}.test`, 'web.test'];
const route = fc.record({
  labels,
  gateways: of([DNS], [`${DNS}:${DNS}`], [DNS, 'mesh']),
  hosts: fc.uniqueArray(of(...HOSTS), { minLength: 1, maxLength: 3 }),
  http: fc.array(rule, { minLength: 1, maxLength: 3 }),
});
const child = fc.record({ parents: of([DNS], ['*']), http: fc.array(rule, { minLength: 1, maxLength: 2 }) });

/** A configuration of one tenant. The route `<dns>` delegates to the route `child`. */
export const document = fc
  .record({ upstreams: fc.tuple(upstream, upstream), route, web: route, child, delegating: maybe(match), labels })
  .map(({ upstreams: [first, second], route, web, child, delegating, labels }) => ({
    gateways: {
      [DNS]: {
        labels,
        selector: { ingress: 'public' },
        servers: [{ port: { number: 80, name: DNS, protocol: 'HTTP' }, hosts: HOSTS }],
      },
    },
    upstreams: { [DNS]: first, web: second },
    routes: {
      [DNS]: {
        ...route,
        http: [{ ...(delegating && { match: [delegating] }), delegate: { route: 'child' } }, ...route.http],
      },
      web,
      child,
    },
  }));

const values = of('1', '12', '', '2');
/** A request for one of the hosts. */
export const question = fc
  .record({
    authority: of(...HOSTS),
    headers: fc.dictionary(of(...headers), values, { maxKeys: 2 }),
    cookie: maybe(fc.tuple(of(FREE, 'x-a'), values)),
    query: maybe(fc.tuple(of(FREE, 'x-a'), values)),
    type: of(undefined, undefined, 'application/grpc-web'),
  })
  .map(({ authority, headers, cookie, query, type }) => ({
    authority,
    port: 80,
    path: `/${query ? `?${query.join('=')}` : ''}`,
    headers: { ...headers, ...(cookie && { cookie: cookie.join('=') }), ...(type && { 'content-type': type }) },
  }));
