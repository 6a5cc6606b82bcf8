/** Generates rules. */
import fc from 'fast-check';
import { Cors } from '../../../../model/route/cors.ts';
import { changes } from './changes.ts';
import { fewer } from './conditions.ts';
import { forwards, redirects, responds } from './effects.ts';
import { maybe, of } from './values.ts';

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
export const rule = fc
  .record({
    cors: maybe(cors, 1),
    match: maybe(fc.array(fewer, { minLength: 1, maxLength: 2 }), 2),
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
