/** Generates configurations, and requests for them. Most are typical, and some are unusual. */
import fc from 'fast-check';
import type { ClientRequest } from '../../../model/explain/explain.ts';
import { Gateway } from '../../../model/kinds/gateway.ts';
import { Route } from '../../../model/kinds/route.ts';
import { Cors } from '../../../model/route/cors.ts';
import { HEADERS, NAMED } from './headers.ts';

export interface Sample {
  /** Its own domain: all samples share one Envoy. */
  domain: string;
  gateways: Record<string, Gateway>;
  routes: Record<string, Route>;
  questions: ClientRequest[];
}

const PORTS = { 80: 'HTTP', 8080: 'HTTP', 443: 'HTTPS' } as const;
/** Gateways, and servers of them, to which routes may be bound. */
const BINDINGS = ['g0', 'g1', 'g0:p80', 'g1:p80', 'g0:p443', 'g1:p8080'] as const;
/** The server name of another tenant. */
export const FOREIGN = 'other.foreign.test';
export const UPSTREAMS = ['e0', 'e1'] as const;

const of = fc.constantFrom;
/** A value, or undefined. By default, both are equally likely. */
const maybe = <T>(value: fc.Arbitrary<T>, freq = 1) => fc.option(value, { nil: undefined, freq });
const texts = (pieces: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(pieces, { maxLength }).map((all) => all.join(''));

const plain = of('/', '/', '/', 'a', 'a', 'b', 'ab', 'A', '1', '.', '~', '-');
const odd = of(
  ...['//', '..', '/../', '/./', ';', ';p=1', '%2f', '%2F', '%5c', '\\', '%41', '%61', '%2e', '%2E', '%3b', '%', '%%'],
  ...['caf%C3%A9', 'caf%c3%a9', '%7e', '|', '"', '^', '{', '%20', '+', '%25', '%0a', "'", '*', '$&', '\\1', '%zz', ','],
);
const piece = fc.oneof({ arbitrary: plain, weight: 4 }, { arbitrary: odd, weight: 1 });
const written = texts(piece, 4).map((all) => `/${all}`);
const bad = of('é', '#x', '%00', '\tx', '\x7f', ' x', '\t', '\t\t', ' ', '\t ', ' \t');
const requested = fc.oneof(
  { arbitrary: texts(piece, 6).map((all) => `/${all}`), weight: 12 },
  { arbitrary: fc.tuple(written, bad).map(([path, more]) => path + more), weight: 1 },
  { arbitrary: of('*', 'x', 'a/b', '/', '//', '///'), weight: 1 },
);

const word = of('1', '2', 'a', 'A', 'ab', 'b c', 'é', 'a,b', '1,2', 'x=y', '%41', '');
const patterns = of('a', '[ab]+', '.*', '1,2', '(?i)A', '.', '..', 'a|1', '\\w+', '[^1]*', 'é', 'b c', '');
const text = fc.oneof(
  fc.record({ exact: word.filter(Boolean) }),
  fc.record({ prefix: word.filter(Boolean) }),
  fc.record({ regex: patterns.filter(Boolean) }),
);
const header = fc.oneof(text, fc.constant({ present: true as const }));
const uri = fc.oneof(
  fc.record({ exact: written }),
  fc.record({ prefix: written }),
  fc.record({ pathPrefix: written }),
  fc.record({
    regex: of('/.*', '/a.*', '/[ab]/.*', '/(a|b)+', '.*b', '/A/?', '/caf%C3%A9', '/a/[0-9]+', '.*%2[fF].*', '/'),
  }),
);
const MATCHED = `x-a x-b x-forwarded-proto x-envoy-retry-on te upgrade cookie x_a connection referer expect
  x-envoy-attempt-count x-envoy-original-host x-forwarded-host via accept`.split(/\s+/);
/** Envoy and the client of the test are on one machine. */
export const CLIENT = '127.0.0.1';
const name = fc.oneof(fc.record({ exact: of('a', 'b') }), fc.record({ regex: of('a|b', '.*', '[ab]+') }));
const ranges = of(
  ...['127.0.0.0/8', '127.0.0.1', '127.0.0.2/31', '10.0.0.0/8', '::/0', '::1', '0.0.0.0/0', '::ffff:127.0.0.0/104'],
  ...['2001:db8::/32', '127.0.0.0/31', '192.168.0.0/17'],
);
const condition = fc.record(
  {
    uri,
    ignoreUriCase: fc.boolean(),
    grpc: fc.record({ service: name, method: name }, { requiredKeys: [] }),
    cookies: fc.dictionary(of('c', 'd', 'C'), header, { minKeys: 1, maxKeys: 2 }),
    source: fc.uniqueArray(ranges, { minLength: 1, maxLength: 3 }),
    port: of(80, 80, 8080, 443),
    gateways: fc.subarray([...BINDINGS], { minLength: 1 }),
    scheme: fc.oneof(fc.record({ exact: of('http', 'https') }), fc.record({ regex: of('https?', 'HTTP') })),
    authority: fc.oneof(
      fc.record({ prefix: of('a.', 'A', 'b') }),
      fc.record({ regex: of('.*:80', '[ab]\\..*', '.*') }),
    ),
    method: fc.oneof(fc.record({ exact: of('GET', 'POST', 'PUT') }), fc.record({ regex: of('P.*', 'GET|PUT') })),
    headers: fc.dictionary(of('x-a', 'x-a', 'x-b', ...MATCHED), header, { minKeys: 1, maxKeys: 2 }),
    withoutHeaders: fc.dictionary(of('x-a', 'x-b', ...MATCHED), header, { minKeys: 1, maxKeys: 1 }),
    queryParams: fc.dictionary(of('q', 'r', 'Q', 'q%41'), text, { minKeys: 1, maxKeys: 2 }),
  },
  { requiredKeys: [] },
);
const fewer = fc.tuple(condition, fc.integer({ min: 0, max: 5 })).map(([all, keep]) => {
  if ('grpc' in all && keep < 5) delete all.grpc;
  if ('grpc' in all) for (const field of ['uri', 'ignoreUriCase', 'method'] as const) delete all[field];
  const names = Object.keys(all);
  return Object.fromEntries(Object.entries(all).filter((_, i) => i <= keep % Math.max(1, names.length)));
});

const changes = fc.record(
  {
    set: fc.dictionary(of('x-a', 'x-c', 'x-r', 'cookie', 'x-forwarded-host'), word, { maxKeys: 2 }),
    add: fc.dictionary(of('x-a', 'x-c', 'x-r', 'X-S', 'x-forwarded-host'), of('v', 'w', '%REQ(x)%', ''), {
      maxKeys: 2,
    }),
    remove: fc.uniqueArray(of('x-a', 'x-b', 'x-r', 'x-s', 'x-forwarded-proto'), { maxLength: 2 }),
  },
  { requiredKeys: [] },
);
const BY_PATTERN = [
  ['/a(.*)', '/x/\\1'],
  ['/([^/]+)/(.*)', '/\\2/\\1'],
  ['(.*)', '/v2\\0'],
  ['/(a|ab|1)(.*)', '/%\\2.\\1'],
  ['/(.*)b/?', '/caf%C3%A9/\\1'],
  ['/(.*?)([ab])(?i)A.*', '/\\1;\\2'],
] as const;
const rewrite = fc.oneof(
  fc.record({ uri: written }),
  fc.record({ authority: of('new.test', 'New.test:99', '[::1]:80') }),
  fc.record({ uri: written, authority: fc.constant('both.test') }),
  fc.record({ fullPath: written }),
  fc.record({ regex: of(...BY_PATTERN).map(([pattern, substitution]) => ({ pattern, substitution })) }),
);
const destinations = fc.oneof(
  of(...UPSTREAMS).map((upstream) => [{ destination: { upstream } }]),
  fc
    .tuple(of(0, 1, 95), of(1, 5))
    .map(([a, b]) => UPSTREAMS.map((upstream, i) => ({ destination: { upstream }, weight: [a, b][i]! }))),
);
/** Entries with changes of their own, and direct responses among them. */
const entries = fc
  .tuple(
    fc.record({ rewrite: maybe(rewrite), request: maybe(changes), response: maybe(changes) }),
    fc.record({ rewrite: maybe(rewrite), request: maybe(changes), response: maybe(changes) }),
    of(undefined, { status: 404 }, { status: 418, body: 'no %', contentType: 'text/html', headers: { 'x-s': 's%' } }),
    fc.tuple(of(0, 1, 95), of(0, 1), of(1, 5)),
  )
  .map(([a, b, directResponse, weights]) => [
    ...[a, b].map(({ rewrite, request, response }, i) => ({
      destination: { upstream: UPSTREAMS[i]! },
      weight: weights[i]!,
      ...(rewrite && { rewrite }),
      ...((request || response) && { headers: { request, response } }),
    })),
    ...(directResponse || weights[0] + weights[1] === 0
      ? [{ directResponse: directResponse ?? { status: 500 }, weight: weights[2] }]
      : []),
  ]);
const forwards = fc.record(
  {
    route: fc.oneof({ arbitrary: destinations, weight: 3 }, { arbitrary: entries, weight: 1 }),
    rewrite,
    retries: of({ attempts: 1 }, { attempts: 2, on: ['connect-failure' as const] }),
    fault: of(
      { abort: { httpStatus: 503 } },
      { abort: { grpcStatus: 5 } },
      { delay: { fixed: '5ms' }, abort: { httpStatus: 500, percentage: 0 } },
    ),
    mirrors: of([{ destination: { upstream: 'e1' }, percentage: 50 }]),
  },
  { requiredKeys: ['route'] },
);
const responds = fc
  .tuple(of(200, 201, 204, 301, 304, 401, 404, 429, 503), of('', 'body', 'é'))
  .map(([status, body]) => ({ directResponse: { status, ...(status !== 204 && status !== 304 && body && { body }) } }));
const redirects = fc
  .record(
    {
      scheme: of('http', 'https'),
      authority: of('new.test', 'New.test:99', '[::1]:80', '[::1]'),
      port: of(80, 443, 8443),
      uri: written,
      prefix: written,
      status: of(301, 302, 303, 307, 308),
    },
    { requiredKeys: ['scheme'] },
  )
  .map(({ authority, port, uri, prefix, ...redirect }) => ({
    redirect: {
      ...redirect,
      ...(authority && { authority }),
      ...(port && !authority?.match(/:\d+$/) && { port }),
      ...(uri ? { uri } : prefix && { prefix }),
    },
  }));
/** A redirect of a prefix needs conditions that match a prefix. */
const replacesPrefix = (what: object, match: readonly { uri?: object | undefined }[] = []) =>
  !('redirect' in what && 'prefix' in (what.redirect as object)) ||
  match.every(({ uri = {} }) => !('exact' in uri || 'regex' in uri));
const originMatch = fc.oneof(
  { arbitrary: fc.record({ exact: of('https://a.example', 'http://b.example:3000', 'null', '*') }), weight: 3 },
  fc.record({ prefix: of('https://', 'http://b.example:') }),
  fc.record({ regex: of('https?://[ab]\\.example(:[0-9]+)?', '(?i)HTTPS://.*') }),
);
const cors = fc
  .record(
    {
      allowOrigins: fc.array(originMatch, { minLength: 1, maxLength: 2 }),
      allowMethods: of(['PUT', 'DELETE'], ['*']),
      allowHeaders: of(['x-a', 'Content-Type'], ['*']),
      exposeHeaders: of(['x-r'], ['*']),
      maxAge: of('0s', '1m'),
      allowCredentials: fc.boolean(),
    },
    { requiredKeys: ['allowOrigins'] },
  )
  // Credentials need listed origins and names.
  .map((all) => ({ ...all, ...(Cors.safeParse(all).success ? {} : { allowCredentials: false }) }));
const rule = fc
  .record({
    cors: maybe(cors, 1),
    match: maybe(fc.array(fewer, { minLength: 1, maxLength: 2 }), 4),
    what: fc.oneof(
      { arbitrary: forwards, weight: 4 },
      { arbitrary: responds, weight: 1 },
      { arbitrary: redirects, weight: 1 },
    ),
    request: maybe(changes),
    response: maybe(changes),
  })
  .filter(({ match, what }) => replacesPrefix(what, match))
  .map(({ match, what, request, response, cors }) => ({
    ...(match && { match }),
    ...what,
    ...(cors && { cors }),
    headers: { request, response },
  }));

const hosts = fc.uniqueArray(of('a', 'b', '*', 'a.a', '*.a'), { minLength: 1, maxLength: 3 });
const configuration = fc.record({
  gateways: fc.tuple(...[0, 1].map(() => fc.record({ 80: maybe(hosts, 5), 8080: maybe(hosts), 443: maybe(hosts, 5) }))),
  escapedSlashes: of('keep', 'redirect', 'reject', undefined),
  routes: fc.array(
    fc.record({
      hosts,
      gateways: fc.oneof(
        { arbitrary: fc.subarray(['g0', 'g1'], { minLength: 1 }), weight: 2 },
        { arbitrary: fc.subarray([...BINDINGS], { minLength: 1 }), weight: 1 },
      ),
      order: of(undefined, undefined, 'written' as const, 'specific' as const, 'specific' as const),
      http: fc.array(rule, { minLength: 1, maxLength: 4 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
});

const values = fc.oneof(
  word,
  fc.array(word, { minLength: 2, maxLength: 2 }),
  word.map((value) => ` ${value}\t`),
);
const SENT = `x-a X-A x-b x-c x_a x-envoy-retry-on x-envoy-foo x-envoy-original-path x-forwarded-proto x-forwarded-host
  x-forwarded-port cookie accept user-agent via forwarded x-gatehouse-scope authorization x-real-ip
  x-forwarded-client-cert accept-encoding origin cache-control content-type pragma if-none-match accept-language
  x-client-trace-id grpc-timeout keep-alive proxy-connection x-request-id`.split(/\s+/);
const headers = fc.dictionary(of('x-a', 'x-a', 'x-b', ...SENT), values, { maxKeys: 4 });
const oddHeaders = of<Record<string, string | string[]>>(
  ...[
    { connection: 'close, x-a', 'x-a': 'a' },
    { te: 'trailers' },
    { te: 'gzip' },
    { upgrade: 'foo' },
    { 'x-a': 'a\x01' },
  ],
  ...[{ 'content-type': 'application/grpc' }, { 'content-type': 'application/grpc+proto' }, { referer: 'x y' }],
  ...[{ 'x(a': '1' }, { 'x-forwarded-host': 'given.test' }, { connection: ['close', 'x-b'], 'x-b': 'a' }],
  ...[{ 'x-a': ['1', '2'], 'X-A': '3' }, { expect: '100-continue' }, { expect: '100-Continue' }],
);
/** One of the headers to which Envoy or HTTP gives a meaning. Each header is equally likely. */
const knownHeader = of(...HEADERS).chain(([name, values]) =>
  of(...values).map(
    (value): Record<string, string | string[]> => ({
      ...(name === 'connection' && NAMED),
      [name]: value,
    }),
  ),
);
/** Headers that define where the body ends. */
const framing = fc.record(
  {
    'content-length': of('0', '00', '', 'x', '-0', '0x0', '0,0', '99999999999999999999', ['0', '0']),
    'transfer-encoding': of<string | string[]>(
      ...['chunked', 'Chunked', ' chunked ', 'identity', 'gzip', 'gzip, chunked', 'chunked, chunked', ''],
      ...[['chunked', 'chunked']],
    ),
  },
  { requiredKeys: [] },
);
const cookieHeader = of<string | string[]>(
  ...['c=a', 'c=a; d=1', 'c="a"', 'd=1;c=b', '  c=a ; c=b', 'c', 'c=', 'c="', '=a', 'C=a;;d', 'c=x=y; d=""', ';'],
  ...[
    ['c=1', 'd=a'],
    ['d=', 'c=2; d=b'],
  ],
);
const contentType = of(
  'text/plain',
  'application/grpc',
  'application/grpc-web+proto',
  'application/grpcx',
  'Application/grpc',
);
/**
 * Methods that Envoy's parser knows, and others from RFCs and old clients. MSEARCH is missing, because the parser of the
 * upstream does not know it.
 */
const METHODS =
  `ACL ANNOUNCE BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE DESCRIBE FLUSH GET GET_PARAMETER LABEL
  LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE M-SEARCH NOTIFY OPTIONS ORDERPATCH PATCH
  PAUSE PLAY POST PRI PROPFIND PROPPATCH PURGE PUT QUERY REBIND RECORD REPORT SEARCH SETUP SOURCE SUBSCRIBE TEARDOWN
  TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UNSUBSCRIBE UPDATE VERSION-CONTROL FOO get Get`.split(/\s+/);
/** The ways in which a request can be unusual. Most requests are unusual in at most one way, so that few are rejected. */
const ODD = [
  ...(['nothing', 'path', 'spelling', 'method', 'headers', 'framing', 'absolute'] as const),
  ...(['serverName', 'unnamed', 'version'] as const),
  ...(['page', 'page', 'preflight', 'preflight'] as const),
] as const;
/** A page of another origin. */
const page = of('https://a.example', 'http://b.example:3000', 'http://b.example:99', 'null', 'https://c.example', 'x');
/** What a browser writes into a preflight. */
const preflight = fc
  .record({
    origin: page,
    method: of('GET', 'POST', 'PUT', 'DELETE', 'FOO', '', 'P'.repeat(33)),
    names: maybe(of('x-a', 'x-a,x-b', 'content-type,x-b', 'X-B, x-a', 'x-c', 'x-a-b', 'x'.repeat(1001)), 2),
  })
  .map(({ origin, method, names }) => ({
    origin,
    'access-control-request-method': method,
    ...(names && { 'access-control-request-headers': names }),
  }));
const question = fc
  .record({
    name: fc.oneof(
      { arbitrary: of('a', 'b', 'c', 'a.a', 'b.a', 'c.c.a', 'z.z'), weight: 9 },
      { arbitrary: of('A', 'B.a', '*', 'a_b', '6.5.4.3.2', '7.6.5.4.3.2', '7.6.5.4.3.2.a', '5.4.3.2.A'), weight: 1 },
    ),
    port: of(80, 80, 80, 8080, 443, 443),
    path: written,
    query: of(
      ...['', '', '', '?q=a', '?q=1&r=a', '?Q=a', '?q', '?q=&q=a', '?q%41=a', '?x=%2f..;/', '?"<>\\', '??', '?q=a?r=1'],
    ),
    method: of('GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE'),
    headers: fc.tuple(headers, maybe(cookieHeader), maybe(contentType)).map(([all, cookie, type]) => ({
      ...all,
      ...(cookie && { cookie }),
      ...(type && { 'content-type': type }),
    })),
    odd: fc.oneof({ arbitrary: of('nothing' as const), weight: 8 }, { arbitrary: of(...ODD), weight: 7 }),
  })
  .chain((base) =>
    fc.record({
      base: fc.constant(base),
      path: base.odd === 'path' ? requested : fc.constant(base.path),
      spelling:
        base.odd === 'spelling'
          ? of(':80', ':', '.', '.:443', '..', ':x', ':1:2', '|', '@x', '/', '.:', ' ', '\t', ' \t', ' x', '.\t')
          : fc.constant(''),
      method: base.odd === 'method' ? of(...METHODS) : fc.constant(base.odd === 'preflight' ? 'OPTIONS' : base.method),
      more:
        base.odd === 'page'
          ? page.map((origin) => ({ origin }))
          : base.odd === 'preflight'
            ? preflight
            : base.odd === 'headers'
              ? fc.oneof(oddHeaders, { arbitrary: knownHeader, weight: 3 })
              : base.odd === 'framing'
                ? framing
                : fc.constant({}),
      absolute:
        base.odd === 'absolute'
          ? of('http', 'http', 'https', 'HTTP', 'ftp')
          : base.odd === 'unnamed'
            ? of(undefined, undefined, 'http')
            : fc.constant(undefined),
      httpVersion:
        base.odd === 'version' || base.odd === 'unnamed'
          ? of<ClientRequest['httpVersion']>('1.0', '1.1', undefined)
          : fc.constant(undefined),
      serverName:
        base.odd === 'serverName' ? of('a', 'b.a', 'c.c', '', FOREIGN, FOREIGN.toUpperCase()) : fc.constant(undefined),
    }),
  );
type Drawn = typeof question extends fc.Arbitrary<infer Q> ? Q : never;

const within = (names: readonly string[], domain: string) => names.map((name) => `${name}.${domain}`);

/** @param asked requests per configuration */
export function samples(count: number, asked: number, seed: number): Sample[] {
  const all = fc.record({ configuration, questions: fc.array(question, { minLength: asked, maxLength: asked }) });
  return fc.sample(all, { numRuns: count, seed }).map(({ configuration, questions }, n) => {
    const domain = `s${n}.test`;
    const { escapedSlashes } = configuration;
    const named = (text: string) => text.replace(/^g\d/, (gateway) => `${gateway}-${n}`);
    const servers = (ports: Record<string, string[] | undefined>, index: number) =>
      Object.entries(PORTS).flatMap(([number, protocol]) => {
        // Each gateway has at least one server.
        const names =
          ports[number] ?? (number === '80' && Object.values(ports).every((each) => !each) ? ['a'] : undefined);
        if (!names) return [];
        const tls = protocol === 'HTTPS' && { tls: { mode: 'SIMPLE', credentialName: `c${(n + index) % 2}` } };
        return [
          {
            port: { number: Number(number), name: `p${number}`, protocol },
            hosts: within(names, domain),
            escapedSlashes,
            ...tls,
          },
        ];
      });
    const gateways = configuration.gateways.map((ports, index) => [
      `g${index}-${n}`,
      Gateway.parse({ selector: { ingress: 'public' }, servers: servers(ports, index) }),
    ]);
    const routes = configuration.routes.flatMap(({ hosts, gateways, order, http }, index) => {
      const name = `r${index}-${n}`;
      const marked = http.map((each, rule) => ({
        ...each,
        ...(each.match && {
          match: each.match.map(({ gateways: through = [], ...condition }) => {
            const own = (through as string[]).filter((text) =>
              gateways.some((each) => each === text || each === text.split(':')[0]),
            );
            return { ...condition, ...(own.length > 0 && { gateways: own.map(named) }) };
          }),
        }),
        headers: {
          ...each.headers,
          response: { ...each.headers.response, set: { ...each.headers.response?.set, 'x-rule': `${name}/${rule}` } },
        },
      }));
      const parsed = Route.safeParse({
        hosts: within(hosts, domain),
        gateways: (gateways as string[]).map(named),
        order,
        http: marked,
      });
      // A route that the schema rejects is left out.
      return parsed.success ? [[name, parsed.data]] : [];
    });
    return {
      domain,
      gateways: Object.fromEntries(gateways),
      routes: Object.fromEntries(routes),
      questions: questions.map((each) => questionOf(each, domain)),
    };
  });
}

function questionOf(
  { base, path, spelling, method, more, absolute, serverName, httpVersion }: Drawn,
  domain: string,
): ClientRequest {
  const { name, port, query } = base;
  const host = `${name}.${domain}`;
  const authority = base.odd === 'unnamed' ? '' : host + spelling;
  const isHttps = port === 443;
  return {
    method,
    port,
    clientAddress: CLIENT,
    scheme: isHttps ? 'https' : 'http',
    authority: absolute && base.odd !== 'unnamed' ? 'elsewhere.test' : authority,
    httpVersion,
    path: absolute ? `${absolute}://${host}${base.name === 'a' ? spelling : ''}${path}${query}` : path + query,
    // A preflight has no headers of pages.
    headers: base.odd === 'preflight' ? more : { ...base.headers, ...more },
    ...(isHttps && {
      serverName:
        serverName === undefined
          ? host.replace(/^\*/, 'x')
          : /foreign/i.test(serverName)
            ? serverName
            : serverName && `${serverName}.${domain}`,
    }),
  };
}
