import { z } from 'zod';
import { MAX_PATTERN, refusedByRe2 } from '../regex/regex.ts';
import { MAX_PROGRAM } from '../regex/size.ts';
import { exactlyOne } from '../values/exactly-one.ts';
import { evenIfInvalid, isObject, sorted } from '../values/refine.ts';
import { Path } from './path.ts';

/** The largest number of query parameters per condition. */
const MAX_ENTRIES = 32;

/** A pattern is checked when it is written. Otherwise Envoy would reject it later, with all routes of the host. */
const Regex = z
  .string()
  .min(1)
  .max(MAX_PATTERN, { abort: true })
  .superRefine((pattern, context) => {
    const refused = refusedByRe2(pattern);
    if (refused) context.addIssue({ code: 'custom', message: refused, params: { code: 'invalid-regex' } });
  })
  .describe(
    `RE2 syntax, matched against the whole value; at most ${MAX_PATTERN} characters, which compile to at most ${MAX_PROGRAM} instructions. Values are matched byte by byte: a character outside ASCII is two to four bytes, and \`.\` is one. The patterns of all routes of a host may take 100 ms per request in the worst case, and all patterns of a tenant may need 128 MB, unless the operator sets other limits; patterns such as \`.*a.{20}b\` are expensive.`,
  );

const literal = z.string().min(1).max(1024);

/** A condition on the path of a request. */
export const UriMatch = z
  .strictObject({
    exact: Path.optional().describe('The whole path.'),
    prefix: Path.optional().describe('A string prefix: `/foo` matches `/foobar` too.'),
    pathPrefix: Path.optional().describe(
      'A prefix of whole segments: `/foo` matches `/foo` and `/foo/bar`, never `/foobar`.',
    ),
    regex: Regex.optional(),
  })
  .superRefine(exactlyOne('exact', 'prefix', 'pathPrefix', 'regex'), evenIfInvalid(isObject))
  .meta({
    id: 'UriMatch',
    description:
      'How the path, without its query, must look: exactly one field. Parameters belong to their segment: `pathPrefix: /admin` matches neither `/admin;a=b` nor `/;/admin`. A server such as Tomcat drops `;a=b`, so rules that protect its paths also need a `regex` such as `/(;[^/]*/)*admin(;.*|/.*)?`.',
    example: { pathPrefix: '/reviews' },
  });
export type UriMatch = z.infer<typeof UriMatch>;

/** A condition on a text: it equals a text, begins with it, or matches an RE2 pattern as a whole. */
export const StringMatch = z
  .strictObject({ exact: literal.optional(), prefix: literal.optional(), regex: Regex.optional() })
  .superRefine(exactlyOne('exact', 'prefix', 'regex'), evenIfInvalid(isObject))
  .meta({
    id: 'StringMatch',
    description: 'How a text must look, case-sensitive: exactly one field.',
    example: { exact: 'GET' },
  });
export type StringMatch = z.infer<typeof StringMatch>;

/** A condition on the value of a request header, or on its presence. */
export const HeaderMatch = z
  .strictObject({
    exact: literal.optional(),
    prefix: literal.optional(),
    regex: Regex.optional(),
    present: z.literal(true).optional().describe('The header is present, with any value.'),
  })
  .superRefine(exactlyOne('exact', 'prefix', 'regex', 'present'), evenIfInvalid(isObject))
  .meta({
    id: 'HeaderMatch',
    description:
      'How a header must look: exactly one field. Of several headers of one name, one must look so; for some standard headers, such as `accept`, Envoy first joins them with commas.',
    example: { exact: 'jason' },
  });
export type HeaderMatch = z.infer<typeof HeaderMatch>;

/** Conditions on query parameters, by name. */
export const QueryMatch = z
  .record(z.string(), StringMatch)
  .superRefine((map, context) => {
    const keys = Object.keys(map);
    if (keys.length > MAX_ENTRIES)
      context.addIssue({ code: 'too_big', origin: 'object', maximum: MAX_ENTRIES, input: map });
    for (const key of keys) {
      if (key === '' || key.length > 256)
        context.addIssue({ code: 'custom', path: [key], message: 'a parameter name has 1 to 256 characters' });
    }
  }, evenIfInvalid(isObject))
  .overwrite(sorted);
