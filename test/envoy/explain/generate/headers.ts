/** Generates the headers of requests. */
import fc from 'fast-check';
import { HEADERS, NAMED } from '../headers.ts';
import { of, word } from './values.ts';

const values = fc.oneof(
  word,
  fc.array(word, { minLength: 2, maxLength: 2 }),
  word.map((value) => ` ${value}\t`),
);
const SENT = `x-a X-A x-b x-c x_a x-envoy-retry-on x-envoy-foo x-envoy-original-path x-forwarded-proto x-forwarded-host
  x-forwarded-port cookie accept user-agent via forwarded x-gatehouse-scope authorization x-real-ip
  x-forwarded-client-cert accept-encoding origin cache-control content-type pragma if-none-match accept-language
  x-client-trace-id grpc-timeout keep-alive proxy-connection x-request-id constructor`.split(/\s+/);
export const headers = fc.dictionary(of('x-a', 'x-a', 'x-b', ...SENT), values, { maxKeys: 4 });
export const oddHeaders = of<Record<string, string | string[]>>(
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
export const knownHeader = of(...HEADERS).chain(([name, values]) =>
  of(...values).map(
    (value): Record<string, string | string[]> => ({
      ...(name === 'connection' && NAMED),
      [name]: value,
    }),
  ),
);
/** Headers that define where the body ends. */
export const framing = fc.record(
  {
    'content-length': of('0', '00', '', 'x', '-0', '0x0', '0,0', '99999999999999999999', ['0', '0']),
    'transfer-encoding': of<string | string[]>(
      ...['chunked', 'Chunked', ' chunked ', 'identity', 'gzip', 'gzip, chunked', 'chunked, chunked', ''],
      ...[['chunked', 'chunked']],
    ),
  },
  { requiredKeys: [] },
);
export const cookieHeader = of<string | string[]>(
  ...[
    'c=a',
    'c=a; d=1',
    'c="a"',
    'd=1;c=b',
    '  c=a ; c=b',
    'c',
    'c=',
    'c="',
    '=a',
    'C=a;;d',
    'c=x=y; d=""',
    ';',
    'toString=a',
  ],
  ...[
    ['c=1', 'd=a'],
    ['d=', 'c=2; d=b'],
  ],
);
export const contentType = of(
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
export const METHODS =
  `ACL ANNOUNCE BASELINE-CONTROL BIND CHECKIN CHECKOUT CONNECT COPY DELETE DESCRIBE FLUSH GET GET_PARAMETER LABEL
  LINK LOCK MERGE MKACTIVITY MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE M-SEARCH NOTIFY OPTIONS ORDERPATCH PATCH
  PAUSE PLAY POST PRI PROPFIND PROPPATCH PURGE PUT QUERY REBIND RECORD REPORT SEARCH SETUP SOURCE SUBSCRIBE TEARDOWN
  TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UNSUBSCRIBE UPDATE VERSION-CONTROL FOO get Get`.split(/\s+/);
