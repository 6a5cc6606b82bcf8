import { z } from 'zod';
import { groupsOf } from '../regex/groups.ts';
import { refusedByRe2 } from '../regex/regex.ts';
import { estimatedWork } from '../regex/work.ts';
import { evenIfInvalid, isObject } from '../values/refine.ts';
import { Regex } from './matchers.ts';

/** The largest `estimatedWork` of the pattern of a rewrite. Its groups are compared with dangerous texts. */
const MAX_WORK = 500;

/** A reference to a group in a substitution. */
export const REFERENCE = /\\([0-9])/g;

const Substitution = z
  .string()
  .min(1)
  .max(1024, { abort: true })
  .regex(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are among what it rejects
    /^\/(?:[^?#\s\\\x00-\x1f\x7f]|\\[0-9])*$/,
    'must start with / and contain no query, fragment, space or control character; a backslash must begin a reference such as \\1',
  );

/** A dot segment or an empty segment, in a substitution whose references are replaced by `x`. */
const BROKEN = /(?:\/|%2f|%5c)(?:\.|%2e){1,2}(?:$|[/;]|%2f|%5c|%3b)|\/\//i;

/** A change of the path by a pattern. `model/matching/regex-rewrite.ts` defines which paths are rejected. */
export const RegexRewrite = z
  .strictObject({
    pattern: Regex.describe(
      'RE2 syntax, matched against the whole path without its query. A path that does not match stays as it is. Write the pattern for paths in their usual form: the edge has resolved dot segments and runs of slashes.',
    ),
    substitution: Substitution.describe(
      'The new path. `\\1` to `\\9` stand for the text of a group, `\\0` for the whole path. A group that is named here must match exactly once: it is not optional, repeated, in another group or in an alternative. A request gets 403 when its new path would have a dot segment or two slashes in a row: with the pattern `/off(.*)` and `/x/\\1`, `/off../admin` would become `/x/../admin`.',
    ),
  })
  .superRefine(({ pattern, substitution }, context) => {
    if (typeof pattern !== 'string' || typeof substitution !== 'string' || refusedByRe2(pattern) !== undefined) return;
    const issue = (path: string, code: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message, params: { code } });
    if (estimatedWork(pattern) > MAX_WORK) issue('pattern', 'too-big', 'is too large for a rewrite: repeat less');
    const groups = groupsOf(pattern);
    for (const [, number] of substitution.matchAll(REFERENCE)) {
      const group = groups[Number(number) - 1];
      if (number === '0') continue;
      if (!group) issue('substitution', 'invalid-reference', `the pattern has no group \\${number}`);
      else if (!group.isOnce)
        issue(
          'substitution',
          'invalid-reference',
          `group \\${number} must match exactly once: it must not be optional, repeated, in another group or in an alternative`,
        );
    }
    if (/\\[0-9]\\[0-9]/.test(substitution))
      issue('substitution', 'invalid-reference', 'two references need text between them, or one group for both');
    // The whole path begins with a slash.
    if (BROKEN.test(substitution.replace(REFERENCE, (_, number) => (number === '0' ? '/x' : 'x'))))
      issue('substitution', 'invalid-value', 'must contain no dot segment and no two slashes in a row');
  }, evenIfInvalid(isObject))
  .meta({ id: 'RegexRewrite', example: { pattern: '/users/([0-9]+)/(.*)', substitution: '/\\2/of/\\1' } });
export type RegexRewrite = z.infer<typeof RegexRewrite>;
