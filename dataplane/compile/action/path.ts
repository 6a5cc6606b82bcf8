import type { PathRewrite } from '../../../model/matching/path-rewrite.ts';
import { hasLetterEscapes, pathOf, pathPattern } from '../../../model/matching/uri.ts';
import type { Match } from '../../../model/route/match.ts';
import type { RegexMatchAndSubstitute } from '../../envoy/gen/envoy/type/matcher/v3/regex.ts';

/** A rewrite of the path in Envoy's form. */
export type EnvoyPathRewrite = { prefixRewrite: string } | { regexRewrite: RegexMatchAndSubstitute };

/**
 * Converts a rewrite into Envoy's form, for a request that is forwarded or for the URL of a redirect.
 *
 * @param condition the condition of the route
 */
export function envoyPathRewrite(rewrite: PathRewrite, condition: Match): EnvoyPathRewrite {
  if (rewrite.kind === 'whole') {
    // Envoy's prefix rewrite replaces what the route matched: the whole path, unless the route matches a prefix.
    const { kind } = pathOf(condition);
    const isMatched = kind === 'exact' || kind === 'regex';
    return isMatched ? { prefixRewrite: rewrite.path } : { regexRewrite: substitution('^.*$', rewrite.path) };
  }
  if (rewrite.kind === 'pattern') {
    const text = rewrite.parts.map((part) => (typeof part === 'number' ? `\\${part}` : part)).join('');
    // Envoy replaces every match inside the path, and the rewrite is meant for whole paths.
    return { regexRewrite: { pattern: { regex: `^(?:${rewrite.pattern})$` }, substitution: text } };
  }
  const { prefix, replacement, removesSlashes } = rewrite;
  const isPattern = !condition.ignoreUriCase && hasLetterEscapes(prefix);
  if (!isPattern && !removesSlashes) return { prefixRewrite: replacement };
  const regex = `${condition.ignoreUriCase ? '(?i)' : ''}^${pathPattern(prefix)}${removesSlashes ? '/*' : ''}`;
  return { regexRewrite: substitution(regex, replacement) };
}

/** @param text a text without references to groups */
const substitution = (regex: string, text: string): RegexMatchAndSubstitute => ({
  pattern: { regex },
  substitution: text.replaceAll('\\', '\\\\'),
});
