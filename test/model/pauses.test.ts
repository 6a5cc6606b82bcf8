/** Checks pause often, because other requests wait until then. The tests count reads between two pauses, not time. */
import { describe, expect, test, vi } from 'vitest';
import { hostBindings } from '../../model/binding/host-bindings.ts';
import { scopeTable } from '../../model/binding/scope-table.ts';
import { unservedBy } from '../../model/check/fleet-change.ts';
import { affectedBy, check, checking, checkingOnFleets } from '../../model/check/index.ts';
import { Configuration } from '../../model/configuration.ts';
import type { Route } from '../../model/kinds/route.ts';
import type { Pausable } from '../../model/pausable.ts';
import { configuration, count, counted, FLEET, gateway, hosts, LABELS, route } from './counted.ts';

function mostReads(work: Generator<unknown, unknown>): number {
  let largest = 0;
  for (let done = false; !done; ) {
    count.reads = 0;
    done = work.next().done ?? false;
    largest = Math.max(largest, count.reads);
  }
  return largest;
}

const server = (index: number) => ({
  port: { number: 80, name: `p${index}`, protocol: 'HTTP' },
  hosts: [`s${index}.example.com`],
});

describe('a check does not read much between two pauses', () => {
  const upstream = {
    port: 80,
    endpoints: counted(Array.from({ length: 2_000 }, () => ({ address: '192.0.2.1', labels: { a: 'b' } }))),
    subsets: Array.from({ length: 64 }, (_, i) => ({ name: `s${i}`, labels: { a: `x${i}` } })),
  };
  test.for([
    [
      'many hosts of a gateway',
      { gateways: { edge: gateway(hosts(10_000)) }, routes: { r: route(['*.example.com']) } },
    ],
    ['subsets of many endpoints', { upstreams: { u: upstream } }],
    [
      'hosts of a route among many hosts',
      {
        gateways: { edge: gateway(hosts(2_000), { escapedSlashes: 'keep' }) },
        routes: { r: route(hosts(250, 'x'), '/a%2Fb') },
      },
    ],
    [
      'hosts of a gateway for redirects',
      {
        gateways: { edge: gateway(hosts(2_000)) },
        routes: {
          r: {
            ...route(['*.example.com']),
            http: [
              {
                match: Array.from({ length: 64 }, (_, i) => ({ uri: { prefix: `/${i}` } })),
                redirect: { authority: 'other.test' },
              },
            ],
          },
        },
      },
    ],
    [
      'servers of a gateway for the ports of conditions',
      {
        gateways: { edge: { selector: LABELS, servers: counted(Array.from({ length: 64 }, (_, i) => server(i))) } },
        routes: {
          r: {
            ...route(['*.example.com']),
            http: Array.from({ length: 100 }, (_, i) => ({
              match: [{ uri: { prefix: `/${i}` }, port: 81 }],
              directResponse: { status: 200 },
            })),
          },
        },
      },
    ],
    [
      'destinations of rules with many server names',
      {
        gateways: {
          edge: gateway(['*.example.com'], {
            port: { number: 443, name: 'tls', protocol: 'TLS' },
            tls: { mode: 'PASSTHROUGH' },
          }),
        },
        upstreams: { u: { port: 80, endpoints: [] } },
        routes: {
          r: {
            hosts: ['*.example.com'],
            gateways: ['edge'],
            tls: [
              {
                match: [{ sniHosts: hosts(250) }],
                route: counted(Array.from({ length: 32 }, () => ({ destination: { upstream: 'u' }, weight: 1 }))),
              },
            ],
          },
        },
      },
    ],
    [
      'hosts that other tenants may attach',
      {
        gateways: {
          edge: gateway(hosts(2_000), { allowedRoutes: { tenants: 'all', hosts: counted(hosts(250, 'x')) } }),
        },
      },
    ],
    [
      'rules of the parents of a route',
      {
        routes: {
          p: {
            hosts: ['a.test'],
            http: counted(Array.from({ length: 500 }, (_, i) => ({ delegate: { route: `other${i}` } }))),
          },
          ...Object.fromEntries(
            Array.from({ length: 100 }, (_, i) => [`c${i}`, { parents: Array(64).fill('p'), http: [] }]),
          ),
        },
      },
    ],
  ] as const)('%s', ([, document]) => {
    const whole = configuration(document);
    const limit = 3_000;
    expect(mostReads(checking(whole))).toBeLessThan(limit);
    expect(mostReads(checkingOnFleets(whole, 'acme', [FLEET]))).toBeLessThan(limit);
    expect(mostReads(hostBindings(whole))).toBeLessThan(limit);
  });
});

test.each([
  ['prefixes of many lengths', (i: number) => ({ prefix: `/${i}/`.padEnd(20 + i, 'x') })],
  ['paths with many slashes', (i: number) => ({ pathPrefix: `/${i}${'/a'.repeat(400)}` })],
])('the rules of a route are compared in linear time, with a pause after each: %s', (_, uri) => {
  const http = Array.from({ length: 500 }, (_, i) => ({ match: [{ uri: uri(i) }], directResponse: { status: 200 } }));
  const whole = configuration({
    gateways: { edge: gateway(['a.test']) },
    routes: { r: { ...route(['a.test']), http } },
  });
  const get = vi.spyOn(Map.prototype, 'get');
  const slice = vi.spyOn(String.prototype, 'slice');
  let pauses = 0;
  for (const _ of checking(whole, { names: { route: ['r'] }, kinds: ['route'] })) pauses++;
  const looks = get.mock.calls.length + slice.mock.calls.length;
  get.mockRestore();
  slice.mockRestore();
  expect(looks).toBeLessThan(20_000);
  expect(pauses).toBeGreaterThan(500);
});

test('the check of a fleet change does not read much between two pauses', () => {
  const whole = configuration({
    gateways: { edge: gateway(hosts(10_000)) },
    upstreams: { u: { port: 80, endpoints: Array.from({ length: 10_000 }, () => ({ address: '10.0.0.1' })) } },
  });
  const endpoints = counted([...whole.get('upstream', 'u')!.endpoints]);
  const change = { before: { ...FLEET, denyDestinations: [], tenant: 'acme' }, after: FLEET, others: [] };
  const upstreams = [['u', { ...whole.get('upstream', 'u')!, endpoints }]] as const;
  expect(mostReads(unservedBy(change, 'acme', [...whole.entries('gateway')], upstreams))).toBeLessThan(1_000);
});

test('the routes of a host below a wildcard are listed only on request', () => {
  const wild = route(['*.example.com'], '/');
  const whole = configuration({
    gateways: { edge: gateway(hosts(1_000)) },
    routes: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`r${i}`, wild])),
  });
  const set = vi.spyOn(Map.prototype, 'set');
  const add = vi.spyOn(Set.prototype, 'add');
  const table = scopeTable(whole, 'acme', FLEET);
  const answering = [...table.envoyScopes()].length;
  const made = set.mock.calls.length + add.mock.calls.length;
  set.mockRestore();
  add.mockRestore();
  expect(answering).toBe(1_000);
  expect(made).toBeLessThan(10_000);
  expect(table.scope(80, 'h7.example.com')?.routes).toHaveLength(100);
});

describe('a check does not read', () => {
  const whole = configuration({
    gateways: { edge: gateway(hosts(1_000)) },
    upstreams: { web: { port: 80, endpoints: [{ address: '192.0.2.1' }] } },
  });
  const readsOf = (work: Pausable<unknown>) => {
    count.reads = 0;
    for (const _ of work);
    return count.reads;
  };
  test('hosts, when only an upstream changed', () => {
    expect(readsOf(checking(whole, { names: { route: [] }, kinds: ['upstream'] }))).toBe(0);
    expect(readsOf(checkingOnFleets(whole, 'acme', [FLEET], ['upstream']))).toBe(0);
  });
  test('references of routes, when an upstream was written', () => {
    const bound = { ...route(['h1.example.com']), gateways: counted(['edge']) };
    const written = affectedBy([{ verb: 'put', kind: 'upstream', name: 'web' }]);
    expect(readsOf(checking(whole.with('route', 'r', bound as Route), written))).toBe(0);
  });
  test('hosts of gateways for fleets, when only a route changed', () =>
    expect(readsOf(checkingOnFleets(whole, 'acme', [FLEET], ['route']))).toBe(0));
});

test('thousands of servers that agree are not compared with each other', () => {
  let compared = 0;
  const selector = new Proxy(LABELS, {
    ownKeys(target) {
      compared++;
      return Reflect.ownKeys(target);
    },
  });
  const gateways = Object.fromEntries(
    hosts(1_000).map((host, i) => [`g${i}`, { ...gateway([host, 'all.example.com']), selector }]),
  );
  expect(check(configuration({ gateways })).errors).toEqual([]);
  expect(compared).toBeLessThan(10_000);
});

test('the error of a server names the first of several servers that conflict with it', () => {
  const on = (escapedSlashes: string, selector: object) => ({
    selector,
    servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['a.example.com'], escapedSlashes }],
  });
  const gateways = {
    a: on('reject', { zone: 'north' }),
    b: on('keep', { zone: 'south' }),
    c: on('reject', { zone: 'south' }),
    d: on('redirect', { zone: 'south' }),
  };
  const messages = check(configuration({ gateways })).errors.map(({ resource, message }) => `${resource}: ${message}`);
  expect(messages).toEqual([
    'gateways/c: for a.example.com it is keep in gateways/b server 0, not reject',
    'gateways/d: for a.example.com it is keep in gateways/b server 0, not redirect',
  ]);
});

test('the search for a binding of a wildcard ends at the first of very many hosts', () => {
  const hosts = Array.from({ length: 5_000 }, (_, i) => `h${i}.wild.test`);
  const port = { number: 80, name: 'http', protocol: 'HTTP' as const };
  const wild = Configuration.of([
    { kind: 'gateway', name: 'w', spec: { selector: LABELS, servers: [{ port, hosts }] } },
    ...Array.from({ length: 50 }, (_, i) => ({
      kind: 'route' as const,
      name: `r${i}`,
      spec: { hosts: ['*.wild.test'], gateways: ['w'], http: [{ directResponse: { status: 200 } }] },
    })),
  ] as never);
  // Each host of the gateway is read once. The comparison of all 250,000 pairs would need 2,500 more pauses.
  expect([...checking(wild)].length).toBeLessThan(9_000);
  const found = [...hostBindings(wild, undefined, 3)].flatMap((each) => each ?? []);
  expect(found.filter((each) => typeof each !== 'string').map(([host]) => host?.bound.length)).toEqual(
    Array.from({ length: 50 }, () => 3),
  );
});
