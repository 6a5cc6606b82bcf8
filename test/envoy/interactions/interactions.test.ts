/**
 * Every two features of a rule together, on one real Envoy. The pairs are made from the list of features. Each pair
 * either works, over HTTP and HTTPS on cold and warm hosts, or is rejected with the reason why the two exclude each
 * other.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Route } from '../../../model/kinds/route.ts';
import { parse } from '../../../model/violations.ts';
import { type Served, serving } from '../edge.ts';
import { type Form, send } from './client.ts';
import { type Feature, features } from './features.ts';
import { Upstreams } from './upstreams.ts';

type Name = keyof typeof features;
type Pair = `${Name} and ${Name}`;

const NAMES = Object.keys(features) as Name[];
const PAIRS = NAMES.flatMap((a, index) => NAMES.slice(index + 1).map((b) => [a, b] as const));

/** The fields that contradict each other, and the beginning of the reason. */
const WITH_REDIRECT = 'has no meaning with redirect';
const WITH_RESPONSE = 'has no meaning with directResponse';
const EXCLUDED: Partial<Record<Pair, [path: string, reason: string]>> = {
  'redirect and directResponse': ['', 'exactly one of route, redirect, directResponse'],
  'redirect and rewrite': ['/rewrite', WITH_REDIRECT],
  'redirect and fault': ['/fault', WITH_REDIRECT],
  'redirect and mirror': ['/mirrors', WITH_REDIRECT],
  'redirect and retry': ['/retries', WITH_REDIRECT],
  'redirect and timeout': ['/timeout', WITH_REDIRECT],
  'redirect and webSocket': ['/upgrades', WITH_REDIRECT],
  'redirect and grpcWeb': ['/grpcWeb', WITH_REDIRECT],
  'rewrite and directResponse': ['/rewrite', WITH_RESPONSE],
  'directResponse and fault': ['/fault', WITH_RESPONSE],
  'directResponse and mirror': ['/mirrors', WITH_RESPONSE],
  'directResponse and retry': ['/retries', WITH_RESPONSE],
  'directResponse and timeout': ['/timeout', WITH_RESPONSE],
  'directResponse and webSocket': ['/upgrades', WITH_RESPONSE],
  'directResponse and grpcWeb': ['/grpcWeb', WITH_RESPONSE],
};
const isExcluded = ([a, b]: readonly [Name, Name]) => `${a} and ${b}` in EXCLUDED;
const together = PAIRS.filter((pair) => !isExcluded(pair));

const isCall = (form: Form) => form.startsWith('grpc');
const forms = (pair: readonly Name[]): Form[] => {
  const own = pair.flatMap((name) => (features[name] as Feature).form ?? []);
  // A rule for gRPC comes first, because the others match every request below their prefix.
  return own.length > 0 ? own.sort((a, b) => Number(isCall(b)) - Number(isCall(a))) : ['http'];
};
const hostOf = (pair: readonly Name[]) => `${pair.join('-').toLowerCase()}.pairs.test`;

/** Makes the rules of a pair. A gRPC call has a rule of its own when the other feature needs another form of request. */
function rulesOf(pair: readonly [Name, Name]): object[] {
  const [a, b] = pair.map((name) => features[name] as Feature) as [Feature, Feature];
  const answered = a.answers ?? b.answers;
  return forms(pair).map((form) => ({
    match: [isCall(form) ? { grpc: { service: { exact: 'in' } } } : { uri: { pathPrefix: '/in' } }],
    ...a.rule,
    ...b.rule,
    ...(!answered && { route: [{ destination: { upstream: isCall(form) ? 'rpc' : 'app' } }] }),
  }));
}

const parsed = (spec: object) => parse('route', 'it', spec);
function route(spec: object): Route {
  const result = parsed(spec);
  if (!result.ok) throw new Error(JSON.stringify([spec, result.violations]));
  return result.spec as Route;
}

/** The routes of a pair: with delegation, the rule is in a second route. */
function routesOf(pair: readonly [Name, Name]): [string, Route][] {
  const name = pair.join('-').toLowerCase();
  const place = { hosts: [hostOf(pair)], gateways: ['web'] };
  const http = rulesOf(pair);
  if (!pair.includes('delegation')) return [[name, route({ ...place, http })]];
  const handed = { match: [{ uri: { pathPrefix: '/in' } }], delegate: { route: `${name}-child` } };
  return [
    [name, route({ ...place, http: [handed] })],
    [`${name}-child`, route({ parents: [name], http })],
  ];
}

const upstreams = new Upstreams();
let served: Served;

beforeAll(async () => {
  const ports = await upstreams.start();
  const hosts = together.map(hostOf);
  const at = (port: number) => ({ port, endpoints: [{ address: '127.0.0.1' }] });
  served = await serving(
    {
      gateways: {
        web: {
          selector: { ingress: 'public' },
          servers: [
            { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts },
            {
              port: { number: 443, name: 'https', protocol: 'HTTPS' },
              hosts,
              tls: { mode: 'SIMPLE', credentialName: 'all' },
            },
          ],
        },
      },
      routes: Object.fromEntries(together.flatMap(routesOf)),
      upstreams: { app: at(ports.app), audit: at(ports.audit), rpc: { ...at(ports.rpc), protocol: 'GRPC' } },
    },
    { all: ['*.pairs.test'] },
  );
});
afterAll(async () => {
  await served?.edge.close();
  upstreams.stop();
});

test('every pair of features is either excluded or tested together', () => {
  expect(PAIRS).toHaveLength((NAMES.length * (NAMES.length - 1)) / 2);
  expect(together.length + Object.keys(EXCLUDED).length).toBe(PAIRS.length);
});

test.each(PAIRS.filter(isExcluded))('%s and %s exclude each other', (...pair) => {
  const [path, reason] = EXCLUDED[`${pair[0]} and ${pair[1]}`]!;
  const result = parsed({ hosts: ['a.test'], gateways: ['web'], http: rulesOf(pair) });
  expect(result.ok ? [] : result.violations).toEqual([
    expect.objectContaining({ path: `/http/0${path}`, message: expect.stringContaining(reason) }),
  ]);
});

test.concurrent.each(together)('%s and %s', async (...pair) => {
  const host = hostOf(pair);
  const parts = pair.map((name) => features[name] as Feature);
  const sent = Object.assign({}, ...parts.map(({ headers }) => headers)) as Record<string, string>;
  for (const form of forms(pair))
    for (const scheme of ['http', 'http', 'https'] as const) {
      const again = (headers: Record<string, string>) =>
        send(served, form, { host, path: '/in/x?q=1', isSecure: scheme === 'https', headers });
      const preflight = (headers: Record<string, string>) => {
        const ofMethod = { 'access-control-request-method': isCall(form) ? 'POST' : 'GET', ...headers };
        const asked = { host, path: '/in/x', method: 'OPTIONS', isSecure: scheme === 'https', headers: ofMethod };
        return send(served, 'http', asked);
      };
      const reply = await again(sent);
      const received = upstreams.of(reply.id).filter(({ by }) => by !== 'audit');
      if (!parts.some(({ answers }) => answers)) {
        expect(reply).toMatchObject(isCall(form) ? { status: 200, grpcStatus: '0' } : {});
        expect(reply.status).toBe(form === 'webSocket' ? 101 : 200);
        expect(received.length).toBeGreaterThan(0);
      }
      for (const { check } of parts)
        await check?.({ reply, form, host, scheme, received, upstreams, send: again, preflight });
    }
});

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));
