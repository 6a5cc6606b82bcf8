/** Delegation of a path prefix: combined conditions, and what cannot be combined. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check } from '../../model/check/index.ts';
import { Configuration } from '../../model/configuration.ts';
import { explain } from '../../model/explain/explain.ts';
import type { Fleet } from '../../model/fleet.ts';
import { Gateway } from '../../model/kinds/gateway.ts';
import { Route } from '../../model/kinds/route.ts';
import { commonCondition } from '../../model/matching/common-condition.ts';
import { conditionsIn } from '../../model/matching/delegation.ts';
import { mismatching, type Request } from '../../model/matching/mismatch.ts';
import { withoutPauses } from '../../model/pausable.ts';
import type { Match } from '../../model/route/match.ts';

const web = Gateway.parse({
  selector: { ingress: 'public' },
  servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['a.test'] }],
});
const fleet: Fleet = {
  name: 'public',
  labels: { ingress: 'public' },
  ports: [{ number: 80, bind: 80, protocol: 'HTTP' as const }],
};
const saying = (body: string) => ({ directResponse: { status: 200, body } });
const to = (route: string, ...match: object[]) => ({ ...(match.length > 0 && { match }), delegate: { route } });
const at = (uri: object, more: object) => ({ match: [{ uri }], ...more });
const parent = (...http: object[]) => ({ hosts: ['a.test'], gateways: ['web'], http });
const child = (...http: object[]) => ({ parents: ['*'], http });
const configured = (routes: Record<string, object>) =>
  Configuration.fromDocument({
    gateways: { web },
    routes: Object.fromEntries(Object.entries(routes).map(([name, route]) => [name, Route.parse(route)])),
  });
const found = (routes: Record<string, object>) => {
  const { errors } = check(configured(routes));
  return errors.map(({ resource, path, code, message }) => `${resource}${path} ${code}: ${message}`);
};
const asking = (routes: Record<string, object>, path: string, more: object = {}) =>
  explain(configured(routes), 'acme', fleet, { authority: 'a.test', path, ...more });

describe('a condition of both routes', () => {
  const text = fc.oneof(
    fc.record({ exact: fc.constantFrom('a', 'ab', 'b') }),
    fc.record({ prefix: fc.constantFrom('a', 'ab') }),
    fc.record({ regex: fc.constantFrom('a.*', '.*', '[ab]') }),
  );
  const header = fc.oneof(text, fc.constant({ present: true as const }));
  const prefix = fc.oneof(
    fc.record({ prefix: fc.constantFrom('/', '/a', '/a/', '/A', '/a%2Fb') }),
    fc.record({ pathPrefix: fc.constantFrom('/', '/a', '/a/b', '/a%2Fb') }),
  );
  const uri = fc.oneof(
    prefix,
    fc.record({ exact: fc.constantFrom('/a', '/a/b', '/ab', '/A/b', '/a%2fb') }),
    fc.record({ regex: fc.constantFrom('/a/[0-9]+', '/.*', '/a(/b)?', '/[aA]/.*', '/a%2Fb.*', '/a/.*|/ab') }),
  );
  const conditions = (path: fc.Arbitrary<object>) =>
    fc.record(
      {
        uri: path,
        ignoreUriCase: fc.boolean(),
        method: fc.oneof(fc.record({ exact: fc.constantFrom('GET', 'POST') }), fc.record({ prefix: fc.constant('P') })),
        headers: fc.dictionary(fc.constantFrom('x', 'y'), header, { maxKeys: 2 }),
        withoutHeaders: fc.dictionary(fc.constantFrom('x', 'z'), header, { maxKeys: 2 }),
        queryParams: fc.dictionary(fc.constantFrom('q'), text, { maxKeys: 1 }),
        source: fc.uniqueArray(fc.constantFrom('10.0.0.0/8', '10.1.0.0/16', '192.0.2.1', '::/0'), { minLength: 1 }),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Match>;
  const request: fc.Arbitrary<Request> = fc.record({
    method: fc.constantFrom('GET', 'POST'),
    authority: fc.constant('a.test'),
    path: fc.constantFrom('/', '/a', '/a/', '/a/b', '/ab', '/A/b', '/a/1', '/a%2Fb', '/a%2fb/c', '/b'),
    query: fc.constantFrom('', '?q=a', '?q=ab'),
    headers: fc
      .record(
        { x: fc.constantFrom(['a'], ['ab'], ['b', 'a']), y: fc.constantFrom(['a'], ['c']), z: fc.constant(['a']) },
        { requiredKeys: [] },
      )
      .chain((headers) =>
        fc
          .constantFrom('10.1.2.3', '10.2.0.1', '192.0.2.1', '2001:db8::1')
          .map((address) => ({ ...headers, 'x-envoy-external-address': [address] })),
      ) as fc.Arbitrary<Request['headers']>,
  });
  const matches = (condition: Match, of: Request) => withoutPauses(mismatching(condition, of)) === undefined;

  test('matches exactly the requests that both conditions match', () => {
    let combined = 0;
    fc.assert(
      fc.property(
        conditions(prefix),
        conditions(uri),
        fc.array(request, { minLength: 8, maxLength: 8 }),
        (a, b, all) => {
          const common = commonCondition(a, b);
          if (!('condition' in common)) return;
          combined++;
          for (const each of all) expect(matches(common.condition, each)).toBe(matches(a, each) && matches(b, each));
        },
      ),
      { numRuns: 3000, seed: 6 },
    );
    expect(combined).toBeGreaterThan(600);
  });

  test.each<[object, object, string | undefined]>([
    [{ pathPrefix: '/cart' }, { pathPrefix: '/cart/x' }, undefined],
    [{ pathPrefix: '/cart' }, { pathPrefix: '/cart/' }, undefined],
    [{ pathPrefix: '/cart' }, { exact: '/cart' }, undefined],
    [{ pathPrefix: '/cart' }, { regex: '/cart/[0-9]+' }, undefined],
    [{ pathPrefix: '/cart' }, { regex: '/cart(/.*)?' }, undefined],
    [{ prefix: '/cart' }, { regex: '/cart.*' }, undefined],
    [{ pathPrefix: '/cart' }, { regex: '/cart.*' }, '/uri/regex'],
    [{ pathPrefix: '/cart' }, { regex: '.*/cart' }, '/uri/regex'],
    [{ pathPrefix: '/cart' }, { prefix: '/cart' }, '/uri/prefix'],
    [{ pathPrefix: '/cart' }, { exact: '/cartoon' }, '/uri/exact'],
    [{ pathPrefix: '/cart' }, { pathPrefix: '/' }, '/uri/pathPrefix'],
    [{ prefix: '/cart/' }, { pathPrefix: '/cart' }, '/uri/pathPrefix'],
  ])('%j and %j: conflict %s', (outer, inner, field) => {
    const common = commonCondition({ uri: outer } as Match, { uri: inner } as Match);
    expect('field' in common ? common.field : undefined).toBe(field);
  });
});

describe('a rule that delegates', () => {
  const shop = parent(to('cart', { uri: { pathPrefix: '/cart' } }), saying('shop'));

  test('gets the rules of the other route in its place, and unmatched requests go on', () => {
    const routes = { shop, cart: child(at({ exact: '/cart/a' }, saying('a'))) };
    expect(found(routes)).toEqual([]);
    const explained = asking(routes, '/cart/a');
    expect(explained).toMatchObject({ outcome: 'matched', why: 'routes/cart /http/0/match/0 serves the request' });
    const other = asking(routes, '/cart/b');
    expect(other).toMatchObject({ why: 'routes/shop /http/1 serves the request' });
    expect(other.tried).toMatchObject([
      {
        resource: 'routes/cart',
        path: '/http/0/match/0',
        delegatedBy: [{ resource: 'routes/shop', path: '/http/0/match/0' }],
      },
    ]);
  });

  test.each<[string, Record<string, object>, string[]]>([
    ['a missing route', { shop }, ['routes/shop/http/0/delegate/route dangling-reference: there is no route "cart"']],
    [
      'a route that does not admit it',
      { shop, cart: { parents: ['other'], http: [saying('x')] } },
      ['routes/shop/http/0/delegate/route not-delegated: routes/cart does not name "shop" in its parents'],
    ],
    [
      'a route with hosts of its own',
      { shop, cart: parent(saying('x')) },
      ['routes/shop/http/0/delegate/route not-delegated: routes/cart does not name "shop" in its parents'],
    ],
    [
      'a path outside',
      { shop, cart: child(at({ pathPrefix: '/pay' }, saying('x'))) },
      [
        'routes/cart/http/0/match/0/uri/pathPrefix delegation-conflict: does not lie within the delegated prefix /cart: routes/shop /http/0/match/0',
      ],
    ],
    [
      'a method that contradicts',
      {
        shop: parent(to('cart', { method: { exact: 'GET' } })),
        cart: child({ match: [{ method: { exact: 'POST' } }], ...saying('x') }),
      },
      [
        'routes/cart/http/0/match/0/method delegation-conflict: cannot be combined with the same field of the delegating rule: routes/shop /http/0',
      ].map((each) => `${each}/match/0`),
    ],
    [
      'a circle',
      { shop, cart: child(to('pay')), pay: child(to('cart')) },
      ['routes/pay/http/0/delegate/route delegation-cycle: the route delegates to itself'],
    ],
    [
      'a long chain',
      {
        shop,
        cart: child(to('c1')),
        c1: child(to('c2')),
        c2: child(to('c3')),
        c3: child(to('c4')),
        c4: child(saying('x')),
      },
      ['routes/c3/http/0/delegate/route too-deep: more than 4 routes delegate to each other'],
    ],
    [
      'too many conditions',
      {
        shop,
        cart: child(
          ...Array.from({ length: 9 }, () => ({ match: Array.from({ length: 64 }, () => ({})), ...saying('x') })),
        ),
      },
      ['routes/shop/http/0/delegate too-big: delegates to more than 512 conditions: 513'],
    ],
    [
      'routes that multiply conditions which serve nothing',
      {
        shop,
        cart: child(...Array(60).fill(to('c1'))),
        c1: child(...Array(60).fill(to('c2'))),
        c2: child(...Array(60).fill(to('c3'))),
        c3: child(...Array(60).fill(to('c4'))),
        c4: child(saying('x')),
      },
      [
        'routes/shop/http/0/delegate too-big: the conditions of the route, combined with those of the routes to which they delegate, are more than 10240',
        'routes/c3/http/59/delegate/route too-deep: more than 4 routes delegate to each other',
      ],
    ],
    [
      'many conditions that all conflict',
      {
        shop: parent(...Array(200).fill(to('cart', { uri: { prefix: '/a/' } }))),
        cart: child(...Array(200).fill(at({ prefix: '/b/' }, saying('x')))),
      },
      [
        'routes/shop/http/51/delegate too-big: the conditions of the route, combined with those of the routes to which they delegate, are more than 10240',
      ],
    ],
  ])('reports %s', (_, routes, errors) => {
    expect(found(routes).filter((each) => !each.includes('routes/pay') || each.includes('cycle'))).toEqual(
      expect.arrayContaining(errors),
    );
  });

  test.each<[object, string]>([
    [{ timeout: '1s' }, 'http/0/timeout: has no meaning with delegate; write it in the rules of the other route'],
    [
      { headers: { request: { set: { a: 'b' } } } },
      'http/0/headers: has no meaning with delegate; write it in the rules of the other route',
    ],
    [
      { match: [{ uri: { exact: '/a' } }] },
      'http/0/match/0/uri/exact: excludes delegate, which hands over a path prefix: write pathPrefix or prefix',
    ],
    [{ match: [{ grpc: {} }] }, 'http/0/match/0/grpc: excludes delegate, which hands over a path prefix'],
    [
      { directResponse: { status: 200 } },
      'http/0: needs exactly one of route, redirect, directResponse, delegate; has directResponse and delegate',
    ],
  ])('does not accept %j', (more, message) => {
    const parsed = Route.safeParse(parent({ delegate: { route: 'cart' }, ...more }));
    expect(parsed.error?.issues.map(({ path, message }) => `${path.join('/')}: ${message}`)).toEqual([message]);
  });

  test.each<[object, string[]]>([
    [
      { parents: ['shop'], hosts: ['a.test'], http: [saying('x')] },
      ['hosts: has no meaning with parents: the route gets requests from its parents only'],
    ],
    [
      { parents: ['shop'], gateways: ['web'], http: [saying('x')] },
      ['gateways: has no meaning with parents: the route gets requests from its parents only'],
    ],
  ])('%j is no route', (route, messages) => {
    const parsed = Route.safeParse(route);
    expect(parsed.error?.issues.map(({ path, message }) => `${path.join('/')}: ${message}`)).toEqual(messages);
  });

  test('keeps the order of both routes', () => {
    const configuration = configured({
      shop: {
        ...parent(to('cart', { uri: { pathPrefix: '/c' } }), at({ exact: '/c/z' }, saying('z'))),
        order: 'specific',
      },
      cart: child(saying('all'), at({ exact: '/c/a' }, saying('a'))),
    });
    const bodies = conditionsIn(configuration, 'shop', configuration.get('route', 'shop')!).map(
      ({ spec }) => spec.directResponse?.body,
    );
    expect(bodies).toEqual(['all', 'a', 'z']);
    const path = (at: string) =>
      asking({ shop: { ...configuration.get('route', 'shop')! }, cart: configuration.get('route', 'cart')! }, at);
    expect(path('/c/a')).toMatchObject({ why: 'routes/cart /http/1/match/0 serves the request' });
  });
});
