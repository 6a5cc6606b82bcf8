/**
 * Computes how the rewrite of a rule changes a path. `explain` and Envoy's routes share this code.
 *
 * The edge resolves dot segments before it compares a path with rules, so a rewrite must not create a dot segment. With
 * `prefix: /off` and the rewrite `/`, the path `/off../admin` would become `/../admin`.
 */

import type { Pausable } from '../pausable.ts';
import type { Match } from '../route/match.ts';
import type { Rule } from '../route/rule.ts';
import { canonicalReplacement } from './path.ts';
import { type PatternRewrite, patternRewrite, rewrittenByPattern } from './regex-rewrite.ts';
import { pathOf, pathPattern } from './uri.ts';

/** A rewrite of the whole path, of its prefix, or by a pattern. */
export type PathRewrite =
  | { kind: 'whole'; path: string }
  | {
      kind: 'prefix';
      /** The prefix to remove, in canonical form. */
      prefix: string;
      /** Whether slashes after the prefix are removed too, because the replacement ends with a slash. */
      removesSlashes: boolean;
      replacement: string;
      /**
       * An RE2 pattern for whole paths. It matches paths that would get a dot segment, with or without parameters. The
       * edge rejects them.
       */
      rejected?: string;
    }
  | PatternRewrite;

/**
 * Reads a rewrite. It replaces the prefix of a prefix match, otherwise the whole path. A match without `uri` has the
 * prefix `/`. The replacement and the rest of the path are joined by one slash: the prefix `/foo` with the rewrite `/`
 * turns `/foo/x` into `/x`, and the prefix `/` with the rewrite `/v2` turns `/x` into `/v2/x`.
 *
 * @param uri `rewrite.uri` of the rule
 * @param match the condition that the request matched
 */
function pathRewrite(uri: string, match: Match): PathRewrite {
  const matched = pathOf(match);
  if (matched.kind === 'exact' || matched.kind === 'regex') return { kind: 'whole', path: canonicalReplacement(uri) };
  const { kind, path: prefix } = matched;
  if (prefix.endsWith('/')) {
    const replacement = canonicalReplacement(uri.endsWith('/') ? uri : `${uri}/`);
    return { kind: 'prefix', prefix, removesSlashes: false, replacement };
  }
  // After whole segments comes a slash or nothing. After a string prefix, more may follow the last segment of the
  // replacement.
  const replacement = canonicalReplacement(uri, kind === 'prefix');
  const removesSlashes = replacement.endsWith('/');
  const rejected = kind === 'prefix' && dotSegmentAfter(prefix, replacement);
  return {
    ...{ kind: 'prefix', prefix, removesSlashes, replacement },
    ...(rejected && { rejected: (match.ignoreUriCase ? '(?i)' : '') + rejected }),
  };
}

/**
 * Returns the rewrite that a rule applies to the path, of a forwarded request or of the URL of a redirect.
 *
 * @returns undefined when the rule leaves the path as it is
 */
export function rewriteOf(
  { rewrite, redirect }: Pick<Rule, 'rewrite' | 'redirect'>,
  condition: Match,
): PathRewrite | undefined {
  const whole = redirect?.uri ?? rewrite?.fullPath;
  if (whole !== undefined) return { kind: 'whole', path: canonicalReplacement(whole) };
  if (rewrite?.regex) return patternRewrite(rewrite.regex);
  const uri = rewrite?.uri ?? redirect?.prefix;
  return uri === undefined ? undefined : pathRewrite(uri, condition);
}

/**
 * Returns the RE2 pattern of the paths that the edge rejects, because the rewritten path could have a dot segment.
 *
 * @returns undefined when the rewritten path never has one
 */
export const rejectedBy = (rewrite: PathRewrite | undefined): string | undefined =>
  rewrite === undefined || rewrite.kind === 'whole' ? undefined : rewrite.rejected;

/**
 * Rewrites a path.
 *
 * @param path a normalised path, without its query
 */
export function* rewritten(rewrite: PathRewrite, path: string): Pausable<string> {
  if (rewrite.kind === 'whole') return rewrite.path;
  if (rewrite.kind === 'pattern') return yield* rewrittenByPattern(rewrite, path);
  const rest = path.slice(rewrite.prefix.length);
  return rewrite.replacement + (rewrite.removesSlashes ? rest.replace(/^\/+/, '') : rest);
}

/** The pattern of the dots that complete a dot segment, by the number of dots at the end of the replacement. */
const MISSING_DOTS = [String.raw`\.\.?`, String.raw`\.?`, ''] as const;

/**
 * The end of a segment or the beginning of its parameters. Both may be escaped, because applications may decode them.
 */
const END = '(?:(?:[/;]|%2[fF]|%5[cC]|%3[bB]).*)?';

function dotSegmentAfter(prefix: string, replacement: string): string | undefined {
  const dots = /(?:[/\\]|%2f|%5c)(\.{0,2})$/i.exec(replacement)?.[1];
  return dots === undefined ? undefined : `${pathPattern(prefix)}${MISSING_DOTS[dots.length]}${END}`;
}
