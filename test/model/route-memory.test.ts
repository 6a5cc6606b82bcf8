import { expect, test } from 'vitest';
import { Configuration } from '../../model/configuration.ts';
import { mostMemory, routeMemory } from '../../model/matching/route-memory.ts';
import { withoutPauses } from '../../model/pausable.ts';

const memory = (routes: Record<string, object>, hosts = ['*']) =>
  withoutPauses(
    routeMemory(
      Configuration.fromDocument({
        gateways: {
          edge: { selector: {}, servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts }] },
        },
        routes,
      } as never),
    ),
  );
const conditions = (count: number, text = '/a') => Array.from({ length: count }, () => ({ uri: { exact: text } }));
const route = (hosts: string[], count: number, body = '', text = '/a') => ({
  ...{ hosts, gateways: ['edge'] },
  http: [{ match: conditions(count, text), directResponse: { status: 200, body } }],
});
const one = memory({ a: route(['a.example'], 1) });

test('a route needs memory for each condition and each host', () => {
  expect(one).toBeGreaterThan(2048);
  expect(one).toBeLessThan(2200);
  expect(memory({ a: route(['a.example'], 10) })).toBe(10 * one);
  expect(memory({ a: route(['a.example', 'b.example'], 10) })).toBe(20 * one);
  expect(memory({ a: route(['a.example'], 3), b: route(['a.example'], 4) })).toBe(7 * one);
});

test('the texts of a rule count for each of its conditions, and those of a condition once', () => {
  expect(memory({ a: route(['a.example'], 10, 'x'.repeat(1000)) })).toBe(10 * (one + 1000));
  expect(memory({ a: route(['a.example'], 10, '', `/a${'x'.repeat(1000)}`) })).toBe(10 * (one + 1000));
});

test('a route of a wildcard counts for each host below it', () => {
  const hosts = ['a.b.example', 'c.b.example', '*.b.example'];
  expect(memory({ a: route(['*.b.example'], 1) }, hosts)).toBe(3 * one);
  expect(memory({ a: route(hosts, 1) }, hosts)).toBe(3 * one);
});

test('a rule that delegates needs the memory of the conditions of the other route', () => {
  const parent = (prefix: string) => ({
    ...{ hosts: ['a.example', 'b.example'], gateways: ['edge'] },
    http: [{ match: [{ uri: { prefix } }], delegate: { route: 'child' } }],
  });
  const child = { parents: ['parent'], http: [{ match: conditions(9, '/p/x'), directResponse: { status: 200 } }] };
  const delegated = memory({ parent: parent('/p'), child });
  expect(delegated).toBeGreaterThan(2 * 9 * 2048);
  expect(delegated).toBeLessThan(2 * 9 * 2300);
});

test.each([
  [route(['a.example'], 1)],
  [route(['a.example', 'b.example'], 100, 'é'.repeat(500))],
  [{ ...route(['a.example'], 3), http: [...route([], 5).http, { directResponse: { status: 404 } }] }],
])('the fast estimate is never lower', (spec) => {
  const exact = memory({ spec }, ['none.example']);
  expect(mostMemory(spec as never, JSON.stringify(spec).length) * spec.hosts.length).toBeGreaterThanOrEqual(exact);
});
