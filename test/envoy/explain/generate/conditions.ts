/** Generates the conditions of rules. */
import fc from 'fast-check';
import { written } from './paths.ts';
import { BINDINGS, of, word } from './values.ts';

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
  x-envoy-attempt-count x-envoy-original-host x-forwarded-host via accept constructor`.split(/\s+/);
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
    cookies: fc.dictionary(of('c', 'd', 'C', 'toString'), header, { minKeys: 1, maxKeys: 2 }),
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
    queryParams: fc.dictionary(of('q', 'r', 'Q', 'q%41', 'valueOf'), text, { minKeys: 1, maxKeys: 2 }),
  },
  { requiredKeys: [] },
);
/** A condition, most often with few fields. */
export const fewer = fc.tuple(condition, fc.integer({ min: 0, max: 5 })).map(([all, keep]) => {
  if ('grpc' in all && keep < 5) delete all.grpc;
  if ('grpc' in all) for (const field of ['uri', 'ignoreUriCase', 'method'] as const) delete all[field];
  const names = Object.keys(all);
  return Object.fromEntries(Object.entries(all).filter((_, i) => i <= keep % Math.max(1, names.length)));
});
