/** Generates changes to headers, paths and hosts. */
import fc from 'fast-check';
import { written } from './paths.ts';
import { of, word } from './values.ts';

/** Changes to headers. */
export const changes = fc.record(
  {
    set: fc.dictionary(of('x-a', 'x-c', 'x-r', 'cookie', 'x-forwarded-host', 'constructor'), word, { maxKeys: 2 }),
    add: fc.dictionary(
      of('x-a', 'x-c', 'x-r', 'X-S', 'x-forwarded-host', 'constructor'),
      of('v', 'w', '%REQ(x)%', ''),
      {
        maxKeys: 2,
      },
    ),
    remove: fc.uniqueArray(of('x-a', 'x-b', 'x-r', 'x-s', 'x-forwarded-proto', 'constructor'), { maxLength: 2 }),
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
export const rewrite = fc.oneof(
  fc.record({ uri: written }),
  fc.record({ authority: of('new.test', 'New.test:99', '[::1]:80') }),
  fc.record({ uri: written, authority: fc.constant('both.test') }),
  fc.record({ fullPath: written }),
  fc.record({ regex: of(...BY_PATTERN).map(([pattern, substitution]) => ({ pattern, substitution })) }),
);
