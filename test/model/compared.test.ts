/** Resources are compared only with those that can matter to them. The tests count steps and reads, not time. */
import { expect, test } from 'vitest';
import { hostBindings } from '../../model/binding/host-bindings.ts';
import { affectedBy, check, checking } from '../../model/check/index.ts';
import { Configuration } from '../../model/configuration.ts';
import { answerChanges } from '../../model/explain/answer-changes.ts';

let reads = 0;
/** Returns a view of an array that counts each read of an item in `reads`. */
const counted = <T>(items: T[]): T[] =>
  new Proxy(items, {
    get(target, key, receiver) {
      if (typeof key === 'string' && /^\d+$/.test(key)) reads++;
      return Reflect.get(target, key, receiver);
    },
  });

const LABELS = { ingress: 'public' };
const FLEET = {
  name: 'shared',
  labels: LABELS,
  ports: [{ number: 80, bind: 10_080, protocol: 'HTTP' as const }],
  denyDestinations: ['10.0.0.0/8'],
};
const hosts = (count: number, prefix = 'h') => Array.from({ length: count }, (_, i) => `${prefix}${i}.example.com`);

function gateway(names: string[], extra: object = {}) {
  const servers = [];
  for (let at = 0; at < names.length; at += 250) {
    const port = { number: 80, name: `p${at}`, protocol: 'HTTP' };
    servers.push({ port, hosts: counted(names.slice(at, at + 250)), ...extra });
  }
  return { selector: LABELS, servers };
}
const route = (names: string[], uri = '/') => ({
  hosts: counted(names),
  gateways: ['edge'],
  http: [{ match: [{ uri: { exact: uri } }], directResponse: { status: 200 } }],
});
// biome-ignore lint/suspicious/noExplicitAny: documents as users write them
const configuration = (document: any) => Configuration.fromDocument(document);

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
  reads = 0;
  const differences = [{ resource: 'routes/r300' }];
  const compared = { before: Configuration.empty, after, differences, tenant: 'acme', fleets: [FLEET] };
  for (const _ of answerChanges(compared as never));
  expect(reads).toBeLessThan(2_000);
});
