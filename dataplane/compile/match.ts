import { type PathMatch, pathMatch, pathRegex } from '../../model/matching/uri.ts';
import type { Match } from '../../model/route/match.ts';
import type { HeaderMatch, StringMatch } from '../../model/route/matchers.ts';
import type {
  HeaderMatcher,
  QueryParameterMatcher,
  RouteMatch,
} from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { RouteMatch as RouteMatchMessage } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import type { StringMatcher } from '../envoy/gen/envoy/type/matcher/v3/string.ts';

/**
 * Converts the condition of a rule into Envoy's form. Its parts are combined with AND. Without a `uri`, every path
 * matches.
 *
 * @returns the matchers of headers in this order: the method, `headers` by name, `withoutHeaders` by name; the matchers
 *   of query parameters by name
 */
export function routeMatch({
  uri,
  ignoreUriCase,
  method,
  headers = {},
  withoutHeaders = {},
  queryParams = {},
}: Match): RouteMatch {
  return {
    ...blank,
    pathSpecifier: pathSpecifier(pathMatch(uri), ignoreUriCase ?? false),
    ...(ignoreUriCase && uri?.regex === undefined && { caseSensitive: false }),
    headers: [
      ...(method ? [headerMatcher(':method', method)] : []),
      ...sorted(headers).map(([name, match]) => headerMatcher(name, match)),
      ...sorted(withoutHeaders).map(([name, match]) => withoutHeader(name, match)),
    ],
    queryParameters: sorted(queryParams).map(([name, match]) => queryParameter(name, match)),
  };
}

const blank = RouteMatchMessage.fromPartial({});

const sorted = <T>(map: Record<string, T>): [string, T][] => Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));

function pathSpecifier(match: PathMatch, ignoreCase: boolean): NonNullable<RouteMatch['pathSpecifier']> {
  const regex = pathRegex(match, ignoreCase);
  if (regex !== undefined) return { $case: 'safeRegex', value: { regex } };
  const { kind, path } = match as Exclude<PathMatch, { kind: 'regex' }>;
  if (kind === 'exact') return { $case: 'path', value: path };
  // Envoy rejects `/` as a `path_separated_prefix`. A plain prefix matches the same paths, which are all paths.
  return { $case: kind === 'segments' && path !== '/' ? 'pathSeparatedPrefix' : 'prefix', value: path };
}

function headerMatcher(name: string, match: HeaderMatch): HeaderMatcher {
  const headerMatchSpecifier: HeaderMatcher['headerMatchSpecifier'] = match.present
    ? { $case: 'presentMatch', value: true }
    : { $case: 'stringMatch', value: stringMatcher(match) };
  return { name, headerMatchSpecifier, invertMatch: false, treatMissingHeaderAsEmpty: false };
}

/**
 * Builds the matcher of a `withoutHeaders` entry. A request that lacks the header must match. Envoy's matcher never
 * matches a missing header, inverted or not, unless `treatMissingHeaderAsEmpty` is set.
 */
function withoutHeader(name: string, match: HeaderMatch): HeaderMatcher {
  return { ...headerMatcher(name, match), invertMatch: true, treatMissingHeaderAsEmpty: match.present !== true };
}

const queryParameter = (name: string, match: StringMatch): QueryParameterMatcher => ({
  name,
  queryParameterMatchSpecifier: { $case: 'stringMatch', value: stringMatcher(match) },
});

function stringMatcher({ exact, prefix, regex }: StringMatch): StringMatcher {
  if (exact !== undefined) return { matchPattern: { $case: 'exact', value: exact }, ignoreCase: false };
  if (prefix !== undefined) return { matchPattern: { $case: 'prefix', value: prefix }, ignoreCase: false };
  return { matchPattern: { $case: 'safeRegex', value: { regex: regex ?? '' } }, ignoreCase: false };
}
