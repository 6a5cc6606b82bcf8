import { describe, expect, test } from 'vitest';
import { hostBindings } from '../../model/binding/host-bindings.ts';
import { portBindings } from '../../model/binding/ports.ts';
import { inheritScopes, scopeTable } from '../../model/binding/scope-table.ts';
import { gatewaysAdmitting } from '../../model/binding/server-hosts.ts';
import { check } from '../../model/check/index.ts';
import { Configuration } from '../../model/configuration.ts';
import type { Fleet } from '../../model/fleet.ts';
import { Route } from '../../model/kinds/route.ts';
import { rulesFor } from '../../model/matching/precedence.ts';

const fleet: Fleet = {
  name: 'public',
  labels: { ingress: 'public' },
  ports: [
    { number: 80, bind: 8080, protocol: 'HTTP' },
    { number: 8080, bind: 8081, protocol: 'HTTP' },
  ],
};

const server = (name: string, number: number, ...hosts: string[]) => ({
  port: { number, name, protocol: 'HTTP' as const },
  hosts,
});
const gateway = (...servers: ReturnType<typeof server>[]) => ({ selector: { ingress: 'public' }, servers });
const route = (hosts: string[], ...gateways: string[]) => ({
  hosts,
  gateways,
  http: [{ directResponse: { status: 200 } }],
});

describe('the server through which a route is bound', () => {
  const configuration = Configuration.fromDocument({
    gateways: {
      a: gateway(server('other', 8080, '*.x.io'), server('http', 80, '*.x.io')),
      b: gateway(server('http', 80, 'a.x.io', '*.x.io')),
      c: gateway(server('http', 80, 'a.x.io')),
    },
    routes: {
      both: route(['*.x.io'], 'b', 'a'),
      exact: route(['a.x.io'], 'c', 'b'),
      wild: route(['*.x.io'], 'a'),
    },
  });
  const bound = (port: number, host: string) => scopeTable(configuration, 'acme', fleet).scopeFor(port, host)?.bound;

  test('lists the most specific pattern; of several gateways, the first by name counts', () => {
    expect(bound(80, 'a.x.io')).toEqual([
      { route: 'exact', through: { gateway: 'b', server: 0 } },
      { route: 'both', through: { gateway: 'b', server: 0 } },
    ]);
  });

  test('belongs to the port of the request', () => {
    expect(bound(80, 'b.x.io')).toEqual([
      { route: 'both', through: { gateway: 'a', server: 1 } },
      { route: 'wild', through: { gateway: 'a', server: 1 } },
    ]);
    expect(bound(8080, 'b.x.io')).toEqual([
      { route: 'both', through: { gateway: 'a', server: 0 } },
      { route: 'wild', through: { gateway: 'a', server: 0 } },
    ]);
  });

  test('is part of each ranked rule', () => {
    const scope = scopeTable(configuration, 'acme', fleet).scopeFor(80, 'b.x.io')!;
    expect(rulesFor(configuration, scope).map(({ route, through }) => [route, through])).toEqual([
      ['both', { gateway: 'a', server: 1 }],
    ]);
  });

  test('is listed in the admission of the scope', () => {
    const scope = scopeTable(configuration, 'acme', fleet).scopeFor(80, 'b.x.io')!;
    expect([scope.protocol, scope.admission.host]).toEqual(['HTTP', '*.x.io']);
    expect(gatewaysAdmitting(scope.admission)).toEqual(['a', 'b']);
    expect(scope.admission.servers.get('b')).toEqual({ gateway: 'b', server: 0 });
  });
});

test('the scopes stay the same when only rules change', () => {
  const before = Configuration.fromDocument({
    gateways: { web: gateway(server('http', 80, '*.x.io')) },
    routes: { app: route(['a.x.io'], 'web') },
  });
  const table = scopeTable(before, 'acme', fleet);
  const inherited = (spec: Route, name = 'app') => {
    const after = before.with('route', name, spec);
    inheritScopes(before, after);
    return scopeTable(after, 'acme', fleet) === table;
  };
  expect(inherited({ ...route(['a.x.io'], 'web'), http: [{ directResponse: { status: 404 } }] })).toBe(true);
  expect(inherited(route(['b.x.io'], 'web'))).toBe(false);
  expect(inherited(route(['a.x.io'], 'web:http'))).toBe(false);
  expect(inherited({ hosts: ['a.x.io'], gateways: ['web'], tls: [] })).toBe(false);
  expect(inherited(route(['a.x.io'], 'web'), 'more')).toBe(false);
});

describe('a route that is bound to one server of a gateway', () => {
  const document = (gateways: string[], more: Record<string, ReturnType<typeof route>> = {}) =>
    Configuration.fromDocument({
      gateways: {
        web: gateway(
          server('first', 80, 'a.x.io'),
          server('second', 80, 'a.x.io', '*.x.io'),
          server('other', 8080, '*.x.io'),
        ),
        bare: gateway(server('first', 8080, 'a.x.io')),
      },
      routes: { shop: route(['a.x.io'], ...gateways), ...more },
    });
  const bound = (configuration: Configuration, port: number, host = 'a.x.io') =>
    scopeTable(configuration, 'acme', fleet).scopeFor(port, host)?.bound ?? [];

  test('is served by this server alone', () => {
    const configuration = document(['web:other']);
    expect(bound(configuration, 80)).toEqual([]);
    // The gateway `bare` has the more specific host, and the route is not bound to it.
    expect(bound(configuration, 8080)).toEqual([]);
    expect(bound(document(['web:other', 'bare:first']), 8080)).toEqual([
      { route: 'shop', through: { gateway: 'bare', server: 0 } },
    ]);
  });

  test('is bound through this server when another one of the gateway lists the same host and port', () => {
    expect(bound(document(['web:second']), 80)).toEqual([{ route: 'shop', through: { gateway: 'web', server: 1 } }]);
    expect(bound(document(['web']), 80)).toEqual([{ route: 'shop', through: { gateway: 'web', server: 0 } }]);
  });

  test('has a status per server, with the reason where it is not bound', () => {
    const found = [...hostBindings(document(['web:first', 'web:other']))].find((each) => each !== undefined);
    expect(found?.[1]).toEqual([
      {
        host: 'a.x.io',
        bound: [{ gateway: 'web', port: 80, portName: 'first', protocol: 'HTTP', host: 'a.x.io' }],
        unbound: [
          {
            gateway: 'web:other',
            reason:
              'the gateway bare admits a.x.io, which is more specific, and the route is not bound to that gateway',
          },
        ],
      },
    ]);
  });

  test('is checked: a port name that does not exist is an error, with the names that do', () => {
    const { errors } = check(document(['web:thrid', 'wob:first']));
    expect(errors).toEqual([
      {
        resource: 'routes/shop',
        path: '/gateways/0',
        code: 'unknown-port-name',
        message: 'the gateway "web" has no port named "thrid"',
        hint: 'its ports are first, second, other',
      },
      expect.objectContaining({ code: 'dangling-reference', path: '/gateways/1', hint: 'did you mean "web"?' }),
    ]);
  });

  test('may have conditions on one server of its gateways', () => {
    const conditions = (gateways: string[], matched: string) =>
      Route.safeParse({
        hosts: ['a.x.io'],
        gateways,
        http: [{ match: [{ gateways: [matched] }], directResponse: { status: 200 } }],
      });
    expect(conditions(['web'], 'web:first').success).toBe(true);
    expect(conditions(['web:first'], 'web:first').success).toBe(true);
    expect(conditions(['web:first'], 'web').error?.issues[0]?.message).toContain('the route is not bound to');
    const configuration = document([], { shop: conditions(['web'], 'web:first').data as never });
    const rules = (port: number) =>
      rulesFor(configuration, scopeTable(configuration, 'acme', fleet).scopeFor(port, 'a.x.io')!);
    expect([rules(80).length, rules(8080).length]).toEqual([1, 0]);
    const wrong = document([], { shop: conditions(['web'], 'web:none').data as never });
    expect(check(wrong).errors).toMatchObject([
      { path: '/http/0/match/0/gateways/0', code: 'unknown-port-name', hint: 'its ports are first, second, other' },
    ]);
  });

  test('is not served on a port whose clients send no host, unless it names the server', () => {
    const databases: Fleet = {
      ...fleet,
      ports: [
        { number: 5432, bind: 5432, protocol: 'TCP' },
        { number: 5433, bind: 5433, protocol: 'TCP' },
        { number: 53, bind: 5353, protocol: 'TCP' },
        { number: 53, bind: 5353, protocol: 'UDP' },
      ],
    };
    const at = (name: string, number: number, protocol: 'TCP' | 'UDP') => ({
      port: { name, number, protocol },
      hosts: ['*'],
    });
    const destination = { upstream: 'db' };
    const configuration = Configuration.fromDocument({
      gateways: {
        l4: {
          selector: { ingress: 'public' },
          servers: [at('a', 5432, 'TCP'), at('b', 5433, 'TCP'), at('dns', 53, 'TCP'), at('dns-udp', 53, 'UDP')],
        },
      },
      routes: {
        db: { gateways: ['l4:b'], tcp: [{ route: [{ destination }] }] },
        dns: {
          gateways: ['l4:dns-udp', 'l4:dns'],
          tcp: [{ route: [{ destination }] }],
          udp: [{ route: [{ destination }] }],
        },
      },
      upstreams: { db: { port: 53, endpoints: [{ address: '192.0.2.1' }] } },
    });
    const routes = [...portBindings(configuration, 'acme', databases)].map(([port, each]) => [
      port,
      each.routes.map((bound) => [bound.route, bound.through.server]),
    ]);
    expect(Object.fromEntries(routes)).toEqual({
      'tcp/5432': [],
      'tcp/5433': [['db', 1]],
      'tcp/53': [['dns', 2]],
      'udp/53': [['dns', 3]],
    });
  });
});
