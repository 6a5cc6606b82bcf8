/** Generates what rules do with requests: forward, redirect, or answer them. */
import fc from 'fast-check';
import { changes, rewrite } from './changes.ts';
import { written } from './paths.ts';
import { maybe, of, UPSTREAMS } from './values.ts';

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
export const forwards = fc.record(
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
export const responds = fc
  .tuple(of(200, 201, 204, 301, 304, 401, 404, 429, 503), of('', 'body', 'é'))
  .map(([status, body]) => ({ directResponse: { status, ...(status !== 204 && status !== 304 && body && { body }) } }));
export const redirects = fc
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
