import type { Route } from '../kinds/route.ts';
import { ESCAPED_SLASH } from '../matching/path.ts';
import { literalText } from '../matching/path-pattern.ts';
import { normalisedPaths } from '../matching/path-set.ts';
import { pathMatch } from '../matching/uri.ts';
import { matchesSome, type TextSet } from '../regex/overlap.ts';
import type { UriMatch } from '../route/matchers.ts';
import { clipped } from '../values/quote.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';
import { KeptHosts } from './kept-hosts.ts';

/** Warns about conditions that no request matches, because Envoy normalises requests before it compares conditions. */
export const unmatchable: Check = function* (configuration, { warnings }, names) {
  const kept = new KeptHosts(configuration);
  for (const [name, route] of configuration.entries('route', names.route)) {
    yield;
    const warn = (path: string, message: string, hint?: string) =>
      warnings.push({
        resource: resourceName('route', name),
        path,
        code: 'never-matches',
        message,
        ...(hint !== undefined && { hint }),
      });
    let isKept: boolean | undefined;
    for (let rule = 0; rule < (route.http?.length ?? 0); rule++) {
      const { match = [] } = route.http![rule]!;
      for (let index = 0; index < match.length; index++) {
        const { uri, headers } = match[index]!;
        if (headers === undefined && (uri === undefined || isSurelyMatched(uri))) continue;
        const at = () => `/http/${rule}/match/${index}`;
        if (uri && mentionsEscapedSlash(uri) && !(isKept ??= route.parents !== undefined || keeps(kept, route))) {
          yield;
          if (!matchesAny(uri, plainPaths))
            warn(
              `${at()}/uri/${Object.keys(uri)[0]}`,
              'never matches: no path with an escaped slash gets to the rules',
              'a server of the gateway with `escapedSlashes: keep` lets such paths through',
            );
        }
        const piece = uri?.regex === undefined ? undefined : impossible(uri.regex);
        if (uri && piece) {
          yield;
          if (!matchesAny(uri, paths))
            warn(`${at()}/uri/regex`, `cannot match at ${clipped(piece.text)}: ${piece.reason}`);
        }
        if (headers === undefined) continue;
        for (const header of Object.keys(headers).filter((each) => each.includes('_')))
          warn(
            `${at()}/headers/${header}`,
            'never matches where a port drops headers with underscores, which is the default',
          );
      }
    }
  }
};

/** Whether requests can match a condition, as nearly all: it is no pattern, and has no escape. */
const isSurelyMatched = ({ exact, prefix, pathPrefix }: UriMatch): boolean =>
  (exact ?? prefix ?? pathPrefix)?.includes('%') === false;

/** Whether a condition contains an escaped slash. In a pattern, the slash may be optional. */
function mentionsEscapedSlash(uri: UriMatch): boolean {
  // Most paths have no escape.
  const written = uri.exact ?? uri.prefix ?? uri.pathPrefix ?? uri.regex;
  if (!written?.includes('%')) return false;
  const match = pathMatch(uri);
  return (match.kind === 'regex' ? literalText(uri.regex!) : match.path).search(ESCAPED_SLASH) >= 0;
}

/** The paths that rules may see. */
const paths = normalisedPaths(true);
/** The paths that rules see where escaped slashes are not kept. */
const plainPaths = normalisedPaths(false);

/** Whether a pattern matches a path of the set. Other conditions must be known to match none. */
function matchesAny(uri: UriMatch, set: TextSet): boolean {
  const match = pathMatch(uri);
  return match.kind === 'regex' && matchesSome(match.regex, set);
}

/** Whether a server that admits one of the route's hosts keeps escaped slashes. */
const keeps = (kept: KeptHosts, { hosts = [], gateways = [] }: Route): boolean =>
  gateways.some((gateway) => hosts.some((host) => kept.of(gateway).overlaps(host)));

const IMPOSSIBLE: [pattern: RegExp, reason: string][] = [
  [/\/\/+/, 'runs of slashes are one slash before rules see the path'],
  [/\/\.\.?\//, 'dot segments are resolved before rules see the path'],
  [/[?#]/, 'a path ends before its query'],
];

/**
 * Returns the first literal text of a pattern that no normalised path contains, with the reason. The text may be
 * optional, so the pattern may match nevertheless.
 */
function impossible(pattern: string): { text: string; reason: string } | undefined {
  const text = literalText(pattern);
  for (const [wanted, reason] of IMPOSSIBLE) {
    const found = wanted.exec(text)?.[0];
    if (found !== undefined) return { text: found, reason };
  }
  const inClass = /\[(?:\\.|[^\]\\])*\P{ASCII}/u.exec(pattern)?.[0];
  if (inClass === undefined) return undefined;
  return { text: inClass, reason: 'paths are percent-encoded: write such characters as alternatives, not as a class' };
}
