/** Resources are compared only with those that can matter to them. The tests count steps and reads, not time. */
import { expect, test } from 'vitest';
import { hostBindings } from '../../model/binding/host-bindings.ts';
import { affectedBy, check, checking } from '../../model/check/index.ts';
import { Configuration } from '../../model/configuration.ts';
import { answerChanges } from '../../model/explain/answer-changes.ts';
import { configuration, count, counted, FLEET, gateway, hosts, route } from './counted.ts';

test('rules for different hosts are not compared with each other', () => {
  const http = ['/a/b', '/a'].map((pathPrefix, i) => ({
    match: [{ uri: { pathPrefix } }],
    timeout: `${i + 1}s`,
    route: [{ destination: { upstream: 'u' } }],
  }));
  const whole = configuration({
    gateways: { edge: gateway(['*.example.com'], { escapedSlashes: 'keep' }) },
    upstreams: { u: { port: 80, endpoints: [{ address: '192.0.2.1' }] } },
    routes: Object.fromEntries(hosts(300).map((host, i) => [`r${i}`, { ...route([host]), http }])),
  });
  expect([...checking(whole)].length).toBeLessThan(15_000);
  expect(check(whole).warnings.filter(({ code }) => code === 'escaped-slash-guard')).toHaveLength(300);
  expect([...checking(whole, affectedBy([{ verb: 'put', kind: 'route', name: 'r7' }]))].length).toBeLessThan(3_000);
});

test('a check that only warns ends, however many resources it compares', () => {
  const http = [{ directResponse: { status: 200 } }];
  const whole = configuration({
    routes: Object.fromEntries(
      Array.from({ length: 1_200 }, (_, i) => [`r${i}`, { ...route(['a.test']), gateways: [`g${i}`], http }]),
    ),
  });
  let pauses = 0;
  for (const _ of checking(whole, {
    kinds: ['route'],
    names: { route: whole.names('route') },
    referring: { route: [] },
  }))
    pauses++;
  expect(pauses).toBeGreaterThan(1_000_000);
  expect(pauses).toBeLessThan(1_100_000);
});

test('very many rivals of a host are compared once for all routes', () => {
  let compared = 0;
  const selector = new Proxy(
    { other: 'fleet' },
    {
      ownKeys(target) {
        compared++;
        return Reflect.ownKeys(target);
      },
    },
  );
  const rival = { ...gateway(['h.example.com']), selector };
  const whole = configuration({
    gateways: {
      edge: gateway(['*.example.com']),
      ...Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`b${i}`, rival])),
    },
    routes: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`r${i}`, route(['h.example.com'])])),
  });
  const found = [...hostBindings(whole)].flatMap((each) => (each ? [each] : []));
  expect(found.map(([, [host]]) => host?.bound.length)).toEqual(Array(100).fill(1));
  expect(compared).toBeLessThan(3_000);
});

test('routes that delegate are read once for a comparison of answers', () => {
  const chain = Object.fromEntries(
    Array.from({ length: 300 }, (_, i) => [
      `r${i}`,
      { parents: ['*'], http: counted([{ delegate: { route: `r${i + 1}` } }]) },
    ]),
  );
  const after = configuration({ routes: { ...chain, r300: { parents: ['*'], http: [] } } });
  count.reads = 0;
  const differences = [{ resource: 'routes/r300' }];
  const compared = { before: Configuration.empty, after, differences, tenant: 'acme', fleets: [FLEET] };
  for (const _ of answerChanges(compared as never));
  expect(count.reads).toBeLessThan(2_000);
});
