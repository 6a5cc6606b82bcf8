/** Generates requests. Most are typical, and some are unusual. */
import fc from 'fast-check';
import { MESH_PORT } from '../../../../model/binding/mesh.ts';
import type { ClientRequest } from '../../../../model/explain/explain.ts';
import { contentType, cookieHeader, framing, headers, knownHeader, METHODS, oddHeaders } from './headers.ts';
import { requested, written } from './paths.ts';
import { CLIENT, maybe, of } from './values.ts';

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
export const question = fc
  .record({
    name: fc.oneof(
      { arbitrary: of('a', 'b', 'c', 'a.a', 'b.a', 'c.c.a', 'z.z'), weight: 9 },
      { arbitrary: of('A', 'B.a', '*', 'a_b', '6.5.4.3.2', '7.6.5.4.3.2', '7.6.5.4.3.2.a', '5.4.3.2.A'), weight: 1 },
    ),
    port: of(80, 80, 80, 8080, 443, 443, MESH_PORT),
    path: written,
    query: of(
      ...['', '', '', '?q=a', '?q=1&r=a', '?Q=a', '?q', '?q=&q=a', '?q%41=a', '?x=%2f..;/', '?"<>\\', '??', '?q=a?r=1'],
      '?valueOf=a',
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
      serverName: base.odd === 'serverName' ? of('a', 'b.a', 'c.c', '', 'A', 'b', 'x.b') : fc.constant(undefined),
    }),
  );
export type Drawn = typeof question extends fc.Arbitrary<infer Q> ? Q : never;

export function questionOf(
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
      serverName: serverName === undefined ? host.replace(/^\*/, 'x') : serverName && `${serverName}.${domain}`,
    }),
  };
}
