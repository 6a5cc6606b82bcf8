import { z } from 'zod';
import { MAX_PATTERN, refusedByRe2 } from '../matching/regex.ts';
import { MAX_PROGRAM } from '../matching/regex-size.ts';
import { HeaderName } from '../values/header.ts';
import { clipped } from '../values/quote.ts';
import { always, isObject, sorted } from '../values/refine.ts';

const MAX_ENTRIES = 32;

/** Checked when written: Envoy would only reject it later, and the whole host with it. */
const Regex = z
  .string()
  .min(1)
  .max(MAX_PATTERN, { abort: true })
  .superRefine((pattern, context) => {
    const refused = refusedByRe2(pattern);
    if (refused) context.addIssue({ code: 'custom', message: refused, params: { code: 'invalid-regex' } });
  })
  .describe(
    `RE2 syntax, matched against the whole value; at most ${MAX_PATTERN} characters, which compile to at most ${MAX_PROGRAM} instructions. Values are matched byte by byte: a character outside ASCII is two to four bytes, and \`.\` is one.`,
  );

/** Refuses none and several of the fields that exclude each other. */
export const exactlyOne =
  (...fields: string[]) =>
  (value: object, context: z.core.$RefinementCtx) => {
    const present = fields.filter((field) => (value as Record<string, unknown>)[field] !== undefined);
    // A mistyped field is said to be unknown; that it is missing too would be noise.
    const mistyped =
      present.length === 0 && context.issues.some(({ code, path }) => code === 'unrecognized_keys' && !path?.length);
    if (present.length !== 1 && !mistyped) {
      const found = present.length === 0 ? 'has none' : `has ${present.join(' and ')}`;
      context.addIssue({
        code: 'custom',
        message: `needs exactly one of ${fields.join(', ')}; ${found}`,
        params: { code: 'exactly-one' },
      });
    }
  };

const literal = z.string().min(1).max(1024);

/** A path as a request line can hold it; control characters never arrive, and Envoy rejects them in a rewrite. */
export const Path = z
  .string()
  .min(1)
  .max(1024, { abort: true })
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among what it rejects
  .regex(/^\/[^?#\s\x00-\x1f\x7f]*$/, 'must start with / and hold no query, fragment, space or control character');

export const UriMatch = z
  .strictObject({
    exact: Path.optional().describe('The whole path.'),
    prefix: Path.optional().describe('A string prefix: `/foo` matches `/foobar` too.'),
    pathPrefix: Path.optional().describe(
      'A prefix of whole segments: `/foo` matches `/foo` and `/foo/bar`, never `/foobar`.',
    ),
    regex: Regex.optional(),
  })
  .superRefine(exactlyOne('exact', 'prefix', 'pathPrefix', 'regex'), always(isObject))
  .meta({
    id: 'UriMatch',
    description:
      'How the path, without its query, must look: exactly one field. Parameters belong to their segment: `pathPrefix: /admin` matches neither `/admin;a=b` nor `/;/admin`. A server such as Tomcat drops `;a=b`, so rules that protect its paths also need a `regex` such as `/(;[^/]*/)*admin(;.*|/.*)?`.',
    example: { pathPrefix: '/reviews' },
  });
export type UriMatch = z.infer<typeof UriMatch>;

export const StringMatch = z
  .strictObject({ exact: literal.optional(), prefix: literal.optional(), regex: Regex.optional() })
  .superRefine(exactlyOne('exact', 'prefix', 'regex'), always(isObject))
  .meta({
    id: 'StringMatch',
    description: 'How a text must look, case-sensitive: exactly one field.',
    example: { exact: 'GET' },
  });
export type StringMatch = z.infer<typeof StringMatch>;

export const HeaderMatch = z
  .strictObject({
    exact: literal.optional(),
    prefix: literal.optional(),
    regex: Regex.optional(),
    present: z.literal(true).optional().describe('The header is there, whatever it says.'),
  })
  .superRefine(exactlyOne('exact', 'prefix', 'regex', 'present'), always(isObject))
  .meta({
    id: 'HeaderMatch',
    description: 'How a header must look: exactly one field. Several headers of one name are joined with commas.',
    example: { exact: 'jason' },
  });
export type HeaderMatch = z.infer<typeof HeaderMatch>;

/** A map by header name: names are checked, lower-cased, and may not meet again after that. */
export const byHeader = <T extends z.ZodType>(value: T, nameOf: z.ZodType<string> = HeaderName) =>
  z
    .record(z.string(), value)
    .superRefine((map, context) => {
      const seen = new Set<string>();
      for (const key of Object.keys(map)) {
        const name = key.toLowerCase();
        if (seen.has(name))
          context.addIssue({
            code: 'custom',
            path: [key],
            message: `${clipped(name)} is written twice`,
            params: { code: 'duplicate-header' },
          });
        seen.add(name);
        for (const issue of nameOf.safeParse(key).error?.issues ?? []) {
          context.addIssue({
            code: 'custom',
            path: [key],
            message: issue.message,
            params: { code: 'invalid-header-name' },
          });
        }
      }
      if (seen.size > MAX_ENTRIES)
        context.addIssue({ code: 'too_big', origin: 'object', maximum: MAX_ENTRIES, input: map });
    }, always(isObject))
    .overwrite(
      (map) =>
        sorted(Object.fromEntries(Object.entries(map).map(([key, each]) => [key.toLowerCase(), each]))) as typeof map,
    );

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
  }, always(isObject))
  .overwrite(sorted);
