/**
 * Computes how a rule's `rewrite.uri` changes a path. `explain` and Envoy's routes share this code.
 *
 * The edge resolves dot segments before rules see a path, so an application must not get one from a rewrite: with
 * `prefix: /off` → `/`, the path `/off../admin` would become `/../admin`.
 */

import type { Match } from '../route/match.ts';
import { canonicalReplacement } from './path.ts';
import { pathMatch, pathPattern } from './uri.ts';

/** A rewrite of the whole path, or of its prefix. */
export type PathRewrite =
  | { kind: 'whole'; path: string }
  | {
      kind: 'prefix';
      /** The prefix to remove, as the rule has it. */
      prefix: string;
      /** Whether slashes after the prefix are removed too: the replacement ends with one. */
      removesSlashes: boolean;
      replacement: string;
      /**
       * An RE2 pattern of whole paths that would get a dot segment, with or without parameters. The edge rejects them.
       */
      rejected?: string;
    };

/**
 * Reads a rewrite. `uri` replaces what the rule matched: the prefix of a prefix match (`/` without a `uri` in the
 * match), otherwise the whole path. The two parts are joined by one slash: `/foo` → `/` turns `/foo/x` into `/x`, and
 * `/` → `/v2` turns `/x` into `/v2/x`.
 *
 * @param uri the field of that name in the rule's `rewrite`
 * @param match the condition that the request matched
 */
export function pathRewrite(uri: string, { uri: match, ignoreUriCase }: Match): PathRewrite {
  const matched = pathMatch(match);
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
    ...(rejected && { rejected: (ignoreUriCase ? '(?i)' : '') + rejected }),
  };
}

/** The pattern that must follow for a dot segment, by the dots at the end of the replacement. */
const MISSING_DOTS = [String.raw`\.\.?`, String.raw`\.?`, ''] as const;

/** A segment ends here, or its parameters begin. Applications may decode either. */
const END = '(?:(?:[/;]|%2[fF]|%5[cC]|%3[bB]).*)?';

function dotSegmentAfter(prefix: string, replacement: string): string | undefined {
  const dots = /(?:[/\\]|%2f|%5c)(\.{0,2})$/i.exec(replacement)?.[1];
  return dots === undefined ? undefined : `${pathPattern(prefix)}${MISSING_DOTS[dots.length]}${END}`;
}
