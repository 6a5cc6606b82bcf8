/** Headers to which Envoy or HTTP gives a meaning, with values for each of them. */

type Values = readonly (string | string[])[];

const names = (text: string, prefix = ''): string[] => text.split(/\s+/).map((name) => prefix + name);

/** Values for any header. */
const ANY: Values = [
  ...['1', '', 'true', 'x', 'a, b', 'a;b=c', '"q"', 'a=b; c=d', 'http://a.test/b', '  7\t', 'é', '\t', ','],
  ...[
    ['1', '2'],
    ['', '2'],
    ['1', '', '2'],
    ['1', '1'],
    ['', ''],
  ],
];

/** Headers of Envoy: https://www.envoyproxy.io/docs/envoy/v1.40.0/configuration/http/http_conn_man/headers */
const ENVOY = names(
  `attempt-count canary config-override decorator-operation degraded downstream-service-cluster downstream-service-node
  expected-rq-timeout-ms external-address force-trace hedge-on-per-try-timeout immediate-health-check-fail internal
  ip-tags is-timeout-retry local-overloaded max-retries no-such-header not-forwarded original-dst-host
  original-host original-method original-path original-scheme original-url overloaded peer-metadata peer-metadata-id
  ratelimited ratelimited-by response-flags retriable-header-names retriable-status-codes retry-grpc-on retry-on
  stats-tag upstream-alt-stat-name upstream-canary upstream-healthchecked-cluster upstream-rq-per-try-timeout-ms
  upstream-rq-timeout-alt-response upstream-rq-timeout-ms upstream-service-time upstream-stream-duration-ms`,
  'x-envoy-',
);

/** Headers of proxies and of tracing. */
const PROXIES = [
  ...names('client-cert for host path port prefix proto scheme server ssl uri', 'x-forwarded-'),
  ...names(
    `forwarded via x-real-ip true-client-ip cf-connecting-ip x-client-ip x-cluster-client-ip x-original-url
    x-rewrite-url x-original-host x-host x-http-method-override x-request-id x-correlation-id x-client-trace-id
    x-ot-span-context x-b3-traceid x-b3-spanid x-b3-sampled b3 traceparent tracestate baggage x-amzn-trace-id
    x-cloud-trace-context x-gatehouse-probe x-gatehouse-scope x-gatehouse-server-name x-gatehouse-none cdn-loop
    proxy-authorization proxy-authenticate proxy-authentication-info proxy-connection proxy-status keep-alive trailer
    http2-settings max-forwards alt-used early-data client-cert client-cert-chain`,
  ),
];

/** Other headers of HTTP. */
const STANDARD = names(
  `accept accept-charset accept-encoding accept-language accept-ranges access-control-request-headers
  access-control-request-method age allow authorization cache-control content-disposition content-encoding
  content-language content-location content-md5 content-range cookie date dnt etag from grpc-accept-encoding
  grpc-encoding grpc-message grpc-status grpc-timeout if-match if-modified-since if-none-match if-range
  if-unmodified-since last-event-id last-modified link location mime-version origin pragma prefer priority purpose
  range refresh retry-after save-data sec-ch-ua sec-fetch-mode sec-websocket-key sec-websocket-protocol server
  set-cookie strict-transport-security upgrade-insecure-requests user-agent vary warning www-authenticate x-frame-options
  x-requested-with content_type x_a x.a x-a method path protocol scheme status authority`,
);

// biome-ignore format: one line each would be a page
const REFERERS: Values = [
  'http://a/##', 'http://a/###', 'http://a/#?', 'http://a?#', 'http://@@a/', 'http://@a:80/', 'http://[1.2.3.4]/',
  'http://[1:2]/', 'http://[::1.2.3.4]/', 'http://[::1]a/', 'a?b/c:d', '?/:a', './a:b', '/\\', 'x-y.z+1://a', '/rel',
  'rel', 'notaurl', '?q', '#f', '//a/b', '///a', '', '*', '-', 'a b', 'not a URL', 'é', '.', '..', '\\', 'http://a/',
  'http://a', 'http://a?q', 'http://a#f', 'http://a/#f', 'http://a/?q#f', 'http://a/?q?r', 'http://a/#',
  'https://a.test/b?c=d', 'HTTP://a/', 'Http://a/', 'ftp://a/', 'x://a/', 'x-y://a/', 'x1://a', 'x+y://a', '1x://a',
  'http://u:p@a/', 'http://u@a/', 'http://@a/', 'http://u:p@a', 'http://a/u@b', 'http://a/b:c', 'http://u@b@a/',
  'mailto:x', 'data:x', 'javascript:alert(1)', 'about:blank', 'a:b', 'a:', 'a:80', 'a.test:80', 'a.test:80/b', ':',
  'http:', 'http:/', 'http:/a', 'http:a', 'http://', 'http:///', 'http:///a', 'http://:80', 'http://:80/', '://a',
  'http://A_B/', 'http://a_b.test/', 'http://a-b/', 'http://-a/', 'http://a-/', 'http://a.', 'http://.a',
  'http://a..b/', 'http://a/ b', 'http://a b/', ' http://a/', 'http://a/\tb', 'http://a/é', 'http://é/',
  'http://a/%zz', 'http://a/%20', 'http://a:80/', 'http://a:/', 'http://a:', 'http://a:x/', 'http://a:0/',
  'http://a:65535/', 'http://a:65536/', 'http://a:99999', 'http://a:080/', 'http://a:80x/', 'http://a:-1/',
  'http://a:80:90/', 'http://1.2.3.4/', 'http://[::1]/', 'http://[::1]:80/', 'http://[::1', 'http://::1/',
  'http://[]/', 'http://[a]/', 'http://[::1%25a]/', 'http://[v1.a]/', 'http://a~b/', 'http://a!b/', 'http://a$b/',
  'http://a%41/', 'http://a,b/', 'http://a;b/', 'http://a=b/', 'http://a+b/', 'http://a*b/', 'http://*/',
  'http://a|b/', 'http://a/|', 'http://a/"<>', 'http://a/{}', 'http://a\\b/', 'http://a/\\b', 'http://a/[x]',
  'http://a/b//c', 'http://a//', 'http://a/../b', 'http://a/;x', 'android-app://com.x/', 'chrome-extension://abc/',
  'file:///x', 'blob:http://a/', 'urn:a:b', 'ws://a/', 'http//a', 'a//b', 'a/b', 'a/b:c', '/a:b', '?a:b', '/a://b',
  'a?b://c', 'a#b://c', 'A', '1', 'a.test', 'a.test/', 'localhost', 'http://a/, http://b/', 'http://a,http://b',
  'http://1/', 'http://0x1/', 'http://a/?a=http://b', '[::1]', '@', 'u@a', ['http://a/', 'http://b/'],
  ['http://a/', 'http://a/'], ['', 'http://a/'], ['http://a/', ''], ['', ''], ['x', 'y'],
];

// biome-ignore format: one line each would be a page
const CONNECTIONS: Values = [
  'a,b,c,d,e,f,g,h,i', 'a,b,c,d,e,f,g,h,i,j', 'a,b,c,d,e,f,g,h,i,', 'a,,b,c,d,e,f,g,h,i', 'close, TE, Cookie',
  'te, host', '', ',', 'close', 'Close', 'keep-alive', 'Keep-Alive', 'close, keep-alive', 'keep-alive, close',
  ' close ', 'x', 'x-a', 'host', 'Host', 'close, host', ':authority', ':path', ':method', 'close, :scheme',
  'x-forwarded-for', 'X-Forwarded-For', 'x-forwarded-host', 'x-forwarded-proto', 'close, x-forwarded-proto',
  'x-forwarded-port', 'x-forwarded-client-cert', 'te', 'close, te', 'TE', 'upgrade', 'Upgrade', 'close, upgrade',
  'cookie', 'authorization', 'content-length', 'content-type', 'transfer-encoding', 'x-request-id',
  'x-envoy-external-address', 'x-gatehouse-scope', 'accept', 'close, x-gatehouse-scope', 'close, x-a', 'close, X-A',
  'close,x-a', 'close,, x-a', 'close , x-a', 'x-a x-b', 'connection', 'close, connection', 'keep-alive, x-a',
  'http2-settings', 'upgrade, http2-settings', 'é', '"x-a"', 'x-a;q', 'x-real-ip', 'forwarded', 'via', 'user-agent',
  'x-a, x-a', 'x-b', 'x-none', 'referer', 'expect', 'close, expect', ['close', 'x-a'], ['x-a', 'x-b'],
  ['close', 'host'], ['', 'x-a'], ['close', ''], ['keep-alive', 'close'],
];

// biome-ignore format: one line each would be a page
const OWN: Record<string, Values> = {
  referer: REFERERS,
  te: [
    'trailers', 'Trailers', 'TRAILERS', ' trailers ', 'gzip', 'gzip, trailers', 'trailers, gzip', 'trailers;q=1', 'x',
    'trailers;q=0.5', 'gzip;q=0.5, trailers', 'gzip,trailers', 'trailers,', ',trailers', 'trailersx', '',
    'trailers x', ['trailers', 'gzip'], ['gzip', 'trailers'], ['', 'trailers'], ['gzip', 'x'],
  ],
  expect: [
    '100-continue', '100-Continue', '100-CONTINUE', ' 100-continue\t', '100-continue, x', 'x', '', '100', '200-ok',
    ['100-continue', '100-continue'], ['100-continue', 'x'], ['x', '100-continue'], ['', '100-continue'], ['x', 'y'],
  ],
  upgrade: [
    'websocket', 'WebSocket', 'h2c', 'foo', '', 'websocket, foo', 'foo, websocket', ['websocket', 'foo'], 'TLS/1.0',
  ],
  'content-type': [
    'application/grpc', 'application/grpc+proto', 'application/grpc-web', 'application/grpcx', 'Application/GRPC',
    'application/json', 'text/plain; charset=utf-8', '', 'x', ['text/a', 'text/b'], 'application/grpc;x',
  ],
  'x-forwarded-for': [
    '1.2.3.4', '1.2.3.4, 5.6.7.8', '::1', '10.0.0.1', '127.0.0.1', 'x', '', ',', ['1.2.3.4', '5.6.7.8'],
    ['', '1.2.3.4'],
  ],
  'x-forwarded-proto': [
    'http', 'https', 'HTTPS', 'x', '', ['http', 'https'],
  ],
  'x-envoy-internal': [
    'true', 'false', '',
  ],
  'x-request-id': [
    '00000000-0000-4000-8000-000000000001', 'x', '', ['a', 'b'],
  ],
};

/** Each header with all values to try. */
export const HEADERS: ReadonlyMap<string, Values> = new Map<string, Values>([
  ...[...ENVOY, ...PROXIES, ...STANDARD].map((name) => [name, ANY] as const),
  ...Object.entries(OWN).map(([name, values]) => [name, [...values, ...ANY]] as const),
  ['connection', CONNECTIONS],
]);

/** Further headers of a request with a Connection header, which may name them. */
export const NAMED = { 'x-a': '1', te: 'trailers', cookie: 'a=b', 'x-forwarded-host': 'given.test', expect: 'x' };
