import { z } from 'zod';
import { MAX_PATTERN, refusedByRe2 } from '../regex/regex.ts';
import { MAX_PROGRAM } from '../regex/size.ts';
import { CidrText } from '../values/cidr.ts';
import { exactlyOne } from '../values/exactly-one.ts';
import { evenIfInvalid, isObject, sorted } from '../values/refine.ts';
import { sourcePattern } from '../values/source-pattern.ts';
import { sparse } from '../values/sparse.ts';
import { Path } from './path.ts';

/** The largest number of query parameters, and of cookies, per condition. */
const MAX_ENTRIES = 32;

/** A pattern is checked when it is written. Otherwise Envoy would reject it later, with all routes of the host. */
export const Regex = z
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
export const UriMatch = sparse
  .strictObject(
    {
      exact: Path.optional().describe('The whole path.'),
      prefix: Path.optional().describe('A string prefix: `/foo` matches `/foobar` too.'),
      pathPrefix: Path.optional().describe(
        'A prefix of whole segments: `/foo` matches `/foo` and `/foo/bar`, never `/foobar`.',
      ),
      regex: Regex.optional(),
    },
    exactlyOne('exact', 'prefix', 'pathPrefix', 'regex'),
  )
  .meta({
    id: 'UriMatch',
    description:
      'How the path, without its query, must look: exactly one field. Parameters belong to their segment: `pathPrefix: /admin` matches neither `/admin;a=b` nor `/;/admin`. A server such as Tomcat drops `;a=b`, so rules that protect its paths also need a `regex` such as `/(;[^/]*/)*admin(;.*|/.*)?`.',
    example: { pathPrefix: '/reviews' },
  });
export type UriMatch = z.infer<typeof UriMatch>;

/** A condition on a text: it equals a text, begins with it, or matches an RE2 pattern as a whole. */
export const StringMatch = sparse
  .strictObject(
    { exact: literal.optional(), prefix: literal.optional(), regex: Regex.optional() },
    exactlyOne('exact', 'prefix', 'regex'),
  )
  .meta({
    id: 'StringMatch',
    description: 'How a text must look, case-sensitive: exactly one field.',
    example: { exact: 'GET' },
  });
export type StringMatch = z.infer<typeof StringMatch>;

/** A condition on the value of a request header, or on its presence. */
export const HeaderMatch = sparse
  .strictObject(
    {
      exact: literal.optional(),
      prefix: literal.optional(),
      regex: Regex.optional(),
      present: z.literal(true).optional().describe('The header is present, with any value.'),
    },
    exactlyOne('exact', 'prefix', 'regex', 'present'),
  )
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
  .superRefine(
    named((name) => (name === '' || name.length > 256 ? 'a parameter name has 1 to 256 characters' : undefined)),
    evenIfInvalid(isObject),
  )
  .overwrite(sorted);

/** Conditions on cookies, by name. Names of cookies are case-sensitive: RFC 6265 §4.1.1 and §5.4. */
export const CookieMatch = z
  .record(z.string(), HeaderMatch)
  .superRefine(
    named((name) =>
      /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/.test(name)
        ? undefined
        : "a cookie name has 1 to 256 letters, digits or characters of !#$%&'*+-.^_`|~",
    ),
    evenIfInvalid(isObject),
  )
  .overwrite(sorted);

/** Returns a check of the names of a map, and of their number. */
function named(wrong: (name: string) => string | undefined) {
  return (map: object, context: z.core.$RefinementCtx) => {
    const keys = Object.keys(map);
    if (keys.length > MAX_ENTRIES)
      context.addIssue({ code: 'too_big', origin: 'object', maximum: MAX_ENTRIES, input: map });
    for (const key of keys) {
      const message = wrong(key);
      if (message !== undefined) context.addIssue({ code: 'custom', path: [key], message });
    }
  };
}

/** A part of the path of a gRPC call. Its literal texts have no slash, which separates the parts. */
const GrpcName = StringMatch.superRefine((match: object, context) => {
  for (const form of ['exact', 'prefix']) {
    const text = (match as Record<string, unknown>)[form];
    if (typeof text === 'string' && !/^[A-Za-z0-9_.]+$/.test(text))
      context.addIssue({ code: 'custom', path: [form], message: 'has letters, digits, underscores and dots only' });
  }
}, evenIfInvalid(isObject));

/** A condition on a gRPC call. Without a field, every gRPC call matches. */
export const GrpcMatch = sparse
  .strictObject({
    service: GrpcName.optional().describe('The service with its package: `shop.v1.Cart`.'),
    method: GrpcName.optional().describe('The method: `AddItem`.'),
  })
  .meta({
    id: 'GrpcMatch',
    description:
      'The request is a gRPC call, also one of gRPC-Web, of this service and method. Other requests for the same path do not match.',
    example: { service: { exact: 'shop.v1.Cart' }, method: { exact: 'AddItem' } },
  });
export type GrpcMatch = z.infer<typeof GrpcMatch>;

/** The largest number of ranges per condition. */
const MAX_RANGES = 64;
/**
 * The largest length of the pattern for all ranges of a condition. RE2 compiles a character of such a pattern to about
 * one instruction, and Envoy accepts 16,000 instructions.
 */
const MAX_SOURCE_PATTERN = 4096;

/** Ranges of client addresses. */
export const Source = z
  .array(CidrText)
  .min(1)
  .max(MAX_RANGES, { abort: true })
  .superRefine((cidrs, context) => {
    if (sourcePattern(cidrs).length > MAX_SOURCE_PATTERN)
      context.addIssue({
        code: 'custom',
        message: 'takes too much work to compare: name fewer ranges, or several conditions',
        params: { code: 'too-big' },
      });
  })
  .describe(
    'The address of the client is in one of these ranges (`10.0.0.0/8`, `2001:db8::/32`) or is one of these addresses. It is the address of the connection, which no header that the client writes can change. An IPv6 range contains no IPv4 addresses.',
  );
