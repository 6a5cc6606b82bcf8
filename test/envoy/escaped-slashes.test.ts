/**
 * Paths with escaped slashes, for every action of a rule and every setting of the server, on a real Envoy: what the
 * client gets, and what upstreams and mirrors receive. Each host is cold at its first request over HTTP and over HTTPS.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { explain } from '../../model/explain/explain.ts';
import type { EscapedSlashes } from '../../model/kinds/gateway.ts';
import type { Route } from '../../model/kinds/route.ts';
import { parse } from '../../model/violations.ts';
import { until } from '../e2e/process.ts';
import { TENANT } from './compiled-edge.ts';
import { type Served, serving } from './edge.ts';
import { type Form, send } from './interactions/client.ts';
import { type Received, Upstreams } from './interactions/upstreams.ts';

const CHOICES: EscapedSlashes[] = ['keep', 'redirect', 'reject'];

/** Paths as clients write them, each with the location to which `redirect` sends the client. */
const PATHS = {
  '/in/a%2Fb?x=%2F': '/in/a/b?x=%2F',
  '/in/a%2fb': '/in/a/b',
  '/in/a%5Cb%5c': '/in/a/b/',
  '/in/x/..%2fb': '/in/b',
  '/in/%2e%2E%2fadmin': '/admin',
  '/in//a%2F%2f\\b': '/in/a/b',
  '/in%2Fa': '/in/a',
  '/in..%2fadmin': '/in../admin',
  '/%2fin%2f..%2F..%5cadmin': '/admin',
} as const;
type Path = keyof typeof PATHS;
const SENT = Object.keys(PATHS) as Path[];
/** The number of paths, the first ones, that stay below `/in` when their escapes are kept. */
const BELOW = 6;
const TYPES: Partial<Record<Form, string>> = { grpc: 'application/grpc', grpcWeb: 'application/grpc-web+proto' };

interface Action {
  /** The rule, or its parts that are not the usual ones: a match of the prefix `/in`, and the destination `app`. */
  rule: object;
  /** Whether the rule has no destinations. */
  answers?: true;
  form?: Form;
  method?: string;
  headers?: Record<string, string>;
  /**
   * With `keep`, for each path in the order above: the status, the path of the location, and what upstreams receive.
   * `*` stands for the path as it arrives.
   */
  kept: string | readonly [string, string, string, string, string, string, string?, string?, string?];
}

/** The paths as rules see them and as upstreams receive them. */
const ARRIVED = {
  '/in/a%2Fb?x=%2F': '/in/a%2Fb?x=%2F',
  '/in/a%2fb': '/in/a%2fb',
  '/in/a%5Cb%5c': '/in/a%5Cb%5c',
  '/in/x/..%2fb': '/in/x/..%2fb',
  '/in/%2e%2E%2fadmin': '/in/..%2fadmin',
  '/in//a%2F%2f\\b': '/in/a%2F%2f/b',
  '/in%2Fa': '/in%2Fa',
  '/in..%2fadmin': '/in..%2fadmin',
  '/%2fin%2f..%2F..%5cadmin': '/%2fin%2f..%2F..%5cadmin',
} as const satisfies Record<Path, string>;

/** The answer to paths that are not below `/in`: an escaped slash ends no segment. */
const OUTSIDE = '418';
const to = (upstream: string, more: object = {}) => ({ destination: { upstream }, ...more });
const ORIGIN = 'https://page.test';
const below = (prefix: string) =>
  ['a%2Fb?x=%2F', 'a%2fb', 'a%5Cb%5c', 'x/..%2fb', '..%2fadmin', 'a%2F%2f/b'].map((rest) => `${prefix}${rest}`);
const each = (format: string, paths: readonly string[]) => paths.map((path) => format.replace('*', path)) as never;

const actions: Record<string, Action> = {
  forward: { rule: {}, kept: '200 app *' },
  'redirect of the whole path': {
    rule: { redirect: { uri: '/new%2Fpath', status: 302 } },
    answers: true,
    kept: ['302 /new%2Fpath?x=%2F', ...Array(5).fill('302 /new%2Fpath')] as never,
  },
  'redirect of the prefix': {
    rule: { redirect: { prefix: '/out' } },
    answers: true,
    kept: each('301 *', below('/out/')),
  },
  'redirect that removes the prefix': {
    rule: { redirect: { prefix: '/' } },
    answers: true,
    kept: each('301 *', below('/')),
  },
  'redirect to https': { rule: { redirect: { scheme: 'https' } }, answers: true, kept: '301 *' },
  'redirect to a port': { rule: { redirect: { port: 8443, status: 308 } }, answers: true, kept: '308 *' },
  'rewrite of the prefix': { rule: { rewrite: { uri: '/out' } }, kept: each('200 app *', below('/out/')) },
  'rewrite that removes the prefix': { rule: { rewrite: { uri: '/' } }, kept: each('200 app *', below('/')) },
  'rewrite of a string prefix': {
    rule: { match: [{ uri: { prefix: '/in' } }], rewrite: { uri: '/' } },
    // The last but one would get a dot segment from the rewrite.
    kept: [...(each('200 app *', below('/')) as string[]), '200 app /%2Fa', '403', OUTSIDE] as never,
  },
  'rewrite of the whole path': {
    rule: { rewrite: { fullPath: '/a%2fb' } },
    kept: ['200 app /a%2fb?x=%2F', ...Array(5).fill('200 app /a%2fb')] as never,
  },
  'rewrite by a pattern': {
    rule: { rewrite: { regex: { pattern: '/in/(.*)', substitution: '/out/\\1' } } },
    kept: each('200 app *', below('/out/')),
  },
  'rewrite by a pattern that ends in a segment': {
    rule: {
      match: [{ uri: { prefix: '/in' } }],
      rewrite: { regex: { pattern: '/in(.*)', substitution: '/\\1' } },
    },
    // Two slashes in a row, or a dot segment that the client did not send.
    kept: [...Array(6).fill('403'), '200 app /%2Fa', '403', OUTSIDE] as never,
  },
  'direct response': { rule: { directResponse: { status: 222, body: 'here' } }, answers: true, kept: '222' },
  'weighted direct response': {
    rule: { route: [to('app', { weight: 0 }), { directResponse: { status: 429 }, weight: 1 }] },
    kept: '429',
  },
  'rewrite of a share': {
    rule: {
      route: [to('app', { weight: 1, rewrite: { uri: '/share' } }), { directResponse: { status: 429 }, weight: 0 }],
    },
    kept: each('200 app *', below('/share/')),
  },
  mirror: { rule: { mirrors: [to('audit')] }, kept: '200 app * audit *' },
  'mirror of a rewritten path': {
    rule: { mirrors: [to('audit')], rewrite: { uri: '/out' } },
    kept: below('/out/').map((path) => `200 app ${path} audit ${path}`) as never,
  },
  fault: { rule: { fault: { abort: { httpStatus: 455 } } }, kept: '455' },
  retry: {
    rule: { retries: { attempts: 1, on: [503], backoff: { base: '1ms' } } },
    headers: { 'x-fail': '1' },
    kept: '200 app * app *',
  },
  timeout: { rule: { timeout: '80ms' }, headers: { 'x-wait': '300' }, kept: '504 app *' },
  cors: { rule: { cors: { allowOrigins: [{ exact: ORIGIN }] } }, headers: { origin: ORIGIN }, kept: '200 app *' },
  'preflight of cors': {
    rule: { cors: { allowOrigins: [{ exact: ORIGIN }] } },
    method: 'OPTIONS',
    headers: { origin: ORIGIN, 'access-control-request-method': 'GET' },
    kept: '200',
  },
  'upgrade to WebSocket': { rule: { upgrades: ['websocket'] }, form: 'webSocket', kept: '101 app *' },
  gRPC: { rule: { route: [to('rpc')] }, form: 'grpc', kept: 'grpc 0 rpc *' },
  'gRPC-Web': { rule: { route: [to('rpc')], grpcWeb: true }, form: 'grpcWeb', kept: 'grpc 0 rpc *' },
  'header changes': {
    rule: { headers: { request: { set: { 'x-a': '1' } }, response: { set: { 'x-b': '%' } } } },
    kept: '200 app *',
  },
  delegation: { rule: {}, kept: '200 app *' },
};
const NAMES = Object.keys(actions);
const nameOf = (name: string) => name.toLowerCase().replaceAll(' ', '-');
const hostOf = (name: string, choice: EscapedSlashes) => `${nameOf(name)}.${choice}.test`;

function parsed(spec: object): Route {
  const result = parse('route', 'it', spec);
  if (!result.ok) throw new Error(JSON.stringify([spec, result.violations]));
  return result.spec as Route;
}

/** The routes of an action: its rule, and one that answers everything else. With delegation, they are two routes. */
function routesOf(name: string): [string, Route][] {
  const { rule, answers } = actions[name]!;
  const match = [{ uri: { pathPrefix: '/in' } }];
  const own = { match, ...(!answers && { route: [to('app')] }), ...rule };
  const place = { hosts: CHOICES.map((choice) => hostOf(name, choice)), gateways: ['web'] };
  const others = { directResponse: { status: Number(OUTSIDE) } };
  if (name !== 'delegation') return [[nameOf(name), parsed({ ...place, http: [own, others] })]];
  return [
    ['delegation', parsed({ ...place, http: [{ match, delegate: { route: 'child' } }, others] })],
    ['child', parsed({ parents: ['delegation'], http: [own] })],
  ];
}

const upstreams = new Upstreams();
let served: Served;
/** The ids of requests that no upstream may get. */
const stopped: string[] = [];

beforeAll(async () => {
  const ports = await upstreams.start();
  const at = (port: number) => ({ port, endpoints: [{ address: '127.0.0.1' }] });
  const server = (choice: EscapedSlashes) => ({ hosts: [`*.${choice}.test`], escapedSlashes: choice });
  served = await serving(
    {
      gateways: {
        web: {
          selector: { ingress: 'public' },
          servers: CHOICES.flatMap((choice) => [
            { port: { number: 80, name: `http-${choice}`, protocol: 'HTTP' as const }, ...server(choice) },
            {
              port: { number: 443, name: `https-${choice}`, protocol: 'HTTPS' as const },
              ...server(choice),
              tls: { mode: 'SIMPLE' as const, credentialName: 'all' },
            },
            {
              port: { number: 80, name: `secured-${choice}`, protocol: 'HTTP' as const },
              ...{ hosts: [`secured-${choice}.test`], escapedSlashes: choice, tls: { httpsRedirect: true } },
            },
          ]),
        },
      },
      routes: Object.fromEntries(NAMES.flatMap(routesOf)),
      upstreams: { app: at(ports.app), audit: at(ports.audit), rpc: { ...at(ports.rpc), protocol: 'GRPC' } },
    },
    { all: CHOICES.map((choice) => `*.${choice}.test`) },
  );
});
afterAll(async () => {
  await served?.edge.close();
  upstreams.stop();
});

interface Told {
  status: number;
  location?: string | undefined;
  grpcStatus?: string | number | undefined;
}

/** @returns the status, or the gRPC status; the location without scheme and host; and what each upstream received */
function told(host: string, { status, location, grpcStatus }: Told, received: Pick<Received, 'by' | 'url'>[]): string {
  const path = location?.replace(new RegExp(`^https?://${host}(?::8443)?/`), '/');
  const first = grpcStatus === undefined ? [status] : ['grpc', grpcStatus];
  return [...first, ...(path ? [path] : []), ...received.flatMap(({ by, url }) => [by, url])].join(' ');
}

function expected(name: string, choice: EscapedSlashes, path: Path): string {
  const { form, kept } = actions[name]!;
  const isCall = form === 'grpc';
  if (choice === 'reject') return isCall ? 'grpc 13' : '400';
  if (choice === 'redirect') return `${isCall ? 'grpc 2' : '307'} ${PATHS[path]}`;
  const index = SENT.indexOf(path);
  const outside = isCall ? 'grpc 2' : OUTSIDE;
  if (typeof kept !== 'string') return kept[index] ?? outside;
  return index < BELOW ? kept.replaceAll('*', ARRIVED[path]) : outside;
}

async function ask(name: string, choice: EscapedSlashes, path: Path, isSecure: boolean): Promise<void> {
  const { form = 'http', method = 'GET', headers = {} } = actions[name]!;
  const host = hostOf(name, choice);
  const reply = await send(served, form, { host, path, isSecure, method, headers });
  const wanted = expected(name, choice, path);
  const what = `${choice} ${isSecure ? 'https' : 'http'} ${path}`;
  const received = () => [...upstreams.of(reply.id)].sort((a, b) => (a.by < b.by ? -1 : 1));
  // A copy arrives later than the response, and so may the request that Envoy ended.
  const arrivals = wanted.includes('audit') ? 2 : / (?:app|rpc) /.test(wanted) ? 1 : 0;
  await until('the requests', () => received().length >= arrivals);
  const location = reply.headers.location as string | undefined;
  expect(told(host, { ...reply, location }, received()), what).toBe(wanted);
  if (!/ (?:app|rpc) /.test(wanted)) stopped.push(reply.id);
  const isCall = form.startsWith('grpc');
  const explained = explain(served.configuration, TENANT, served.fleet, {
    ...{ authority: host, path, scheme: isSecure ? ('https' as const) : ('http' as const) },
    ...{ method: isCall ? 'POST' : method, headers: { ...headers, ...(isCall && { 'content-type': TYPES[form] }) } },
  });
  if (explained.outcome !== 'matched' && !('answer' in explained)) throw new Error(`${what}: ${explained.why}`);
  const answer = explained.outcome === 'matched' ? explained.effect : explained.answer;
  if ('status' in answer) expect(told(host, answer, []), `explain ${what}`).toBe(wanted);
  else {
    const shares = answer.destinations.filter(({ percent }) => percent > 0);
    expect((shares[0]?.request ?? answer.request).path, `explain ${what}`).toBe(
      shares.length > 0 ? received()[0]?.url : ARRIVED[path],
    );
  }
}

test.each(NAMES)('%s', async (name) => {
  for (const choice of CHOICES)
    for (const isSecure of [false, true]) {
      // Each host begins with another path.
      const first = SENT[(NAMES.indexOf(name) + CHOICES.indexOf(choice)) % SENT.length]!;
      await ask(name, choice, first, isSecure);
      const others = isSecure ? [first, SENT[4]!] : SENT;
      // Envoy sends few requests again at the same time.
      if (name === 'retry') for (const path of others) await ask(name, choice, path, isSecure);
      else await Promise.all(others.map((path) => ask(name, choice, path, isSecure)));
    }
});

test('the redirect of a whole server to https keeps escapes, so the HTTPS server decides', async () => {
  for (const choice of CHOICES) {
    const host = `secured-${choice}.test`;
    for (const [path, arrived] of Object.entries(ARRIVED)) {
      const { status, headers } = await send(served, 'http', { host, path, isSecure: false });
      expect([status, headers.location], `${choice} ${path}`).toEqual([301, `https://${host}${arrived}`]);
    }
  }
});

test('no upstream and no mirror receives a request that was answered', () => {
  expect(stopped.length).toBeGreaterThan(100);
  expect(stopped.filter((id) => upstreams.of(id).length > 0)).toEqual([]);
});

test('Envoy rejected nothing', () => expect(served.edge.nacks).toEqual([]));
