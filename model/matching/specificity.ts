/**
 * Orders conditions by how specific they are, by the precedence of the Gateway API:
 * https://gateway-api.sigs.k8s.io/reference/spec/#httprouterule
 */
import type { Match } from '../route/match.ts';
import { writtenAt } from './delegation.ts';
import type { RankedRule } from './precedence.ts';
import { isEveryPath, type PathMatch, pathOf } from './uri.ts';

/** Of conditions on the path, the exact ones come first. The Gateway API leaves the place of patterns open. */
const KINDS: Readonly<Record<PathMatch['kind'], number>> = { exact: 0, regex: 1, segments: 2, prefix: 2 };

const everyPath: PathMatch = { kind: 'prefix', path: '/' };

/**
 * The criteria, in order. Of each, the greater number comes first.
 *
 * - an exact path, then a pattern, then a prefix
 * - the length of the path; of two equal prefixes, whole segments before a text
 * - a condition on the method
 * - the number of conditions on headers, where cookies, the authority, the scheme, the client and the type of a gRPC
 *   call count as headers
 * - the number of conditions on query parameters
 */
function criteria(condition: Match): number[] {
  const { grpc, method, scheme, authority, source } = condition;
  const written = pathOf(condition);
  // All ways to match every path are alike. Otherwise a rule for all requests could come before others.
  const path = isEveryPath(written) ? everyPath : written;
  const length = path.kind === 'regex' ? path.regex.length : path.path.length;
  const headers = [condition.headers, condition.withoutHeaders, condition.cookies];
  return [
    -KINDS[path.kind],
    length,
    path.kind === 'segments' ? 1 : 0,
    method ? 1 : 0,
    headers.reduce((sum, map = {}) => sum + Object.keys(map).length, 0) +
      [grpc, scheme, authority, source].filter((each) => each !== undefined).length,
    Object.keys(condition.queryParams ?? {}).length,
  ];
}

/**
 * Sorts conditions, the most specific first. Equally specific ones are in the order of their routes' names, then as
 * written, so the order does not depend on the order in which routes were written. Conditions to which the same
 * condition delegates keep their order.
 *
 * @param ranked the conditions of one or more routes
 */
export function bySpecificity(ranked: readonly RankedRule[]): RankedRule[] {
  const keyed = ranked.map((rule) => ({ rule, key: criteria(rule.condition) }));
  keyed.sort((a, b) => {
    for (const [index, value] of a.key.entries()) if (value !== b.key[index]) return b.key[index]! - value;
    const [first, second] = [writtenAt(a.rule), writtenAt(b.rule)];
    return compare(first.route, second.route) || first.rule - second.rule || first.match - second.match;
  });
  return keyed.map(({ rule }) => rule);
}

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
