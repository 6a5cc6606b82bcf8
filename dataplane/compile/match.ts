import { GRPC_TYPE, SCHEME_HEADER, SOURCE_HEADER } from '../../model/matching/mismatch.ts';
import { isEveryPath, type PathMatch, pathOf, pathPattern, pathRegex } from '../../model/matching/uri.ts';
import type { Match } from '../../model/route/match.ts';
import type { HeaderMatch, StringMatch } from '../../model/route/matchers.ts';
import { sourcePattern } from '../../model/values/source-pattern.ts';
import type {
  CookieMatcher,
  HeaderMatcher,
  QueryParameterMatcher,
  RouteMatch,
} from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import { RouteMatch as RouteMatchMessage } from '../envoy/gen/envoy/config/route/v3/route_components.ts';
import type { StringMatcher } from '../envoy/gen/envoy/type/matcher/v3/string.ts';

/**
 * Converts the condition of a rule into Envoy's form. Its parts are combined with AND. Without a `uri`, every path
 * matches. Envoy compares cheap parts first: the path, then the headers in the order of the list.
 *
 * @returns the matchers of headers in this order: the content type of a gRPC call, the method, the scheme, the
 *   authority, the address of the client, `headers` by name, `withoutHeaders` by name; the matchers of cookies and of
 *   query parameters by name
 */
export function routeMatch(condition: Match): RouteMatch {
  const { uri, ignoreUriCase, headers = {}, withoutHeaders = {}, cookies = {}, queryParams = {} } = condition;
  return {
    ...blank,
    pathSpecifier: pathSpecifier(pathOf(condition), ignoreUriCase ?? false),
    ...(ignoreUriCase && uri?.regex === undefined && { caseSensitive: false }),
    headers: [
      ...ownFields(condition),
      ...sorted(headers).map(([name, match]) => headerMatcher(name, match)),
      ...sorted(withoutHeaders).map(([name, match]) => withoutHeader(name, match)),
    ],
    cookies: sorted(cookies).map(([name, match]) => cookie(name, match)),
    queryParameters: sorted(queryParams).map(([name, match]) => queryParameter(name, match)),
  };
}

/**
 * Builds the condition on the path as a matcher of the header `:path`, which has the query too. A route with it can have
 * a second condition on the path. A pattern in it may match characters of the query.
 *
 * @returns an empty list when every path matches
 */
export function pathHeader(condition: Match): HeaderMatcher[] {
  const match = pathOf(condition);
  if (isEveryPath(match)) return [];
  const ignoreCase = condition.ignoreUriCase ? '(?i)' : '';
  const pattern = match.kind === 'regex' ? `(?:${match.regex})` : pathPattern(match.path);
  return [headerMatcher(':path', { regex: `${ignoreCase}${pattern}${BELOW[match.kind]}` })];
}

const QUERY = '(?:[?].*)?';
const BELOW = { exact: QUERY, regex: QUERY, prefix: '.*', segments: '(?:[/?].*)?' } as const;

/** Returns the matchers of the fields that Envoy compares as headers. */
const ownFields = ({ grpc, method, scheme, authority, source }: Match): HeaderMatcher[] => [
  // Not Envoy's own condition on gRPC, because that does not match gRPC-Web, whose calls become gRPC only later.
  ...(grpc ? [headerMatcher('content-type', { prefix: GRPC_TYPE })] : []),
  ...(method ? [headerMatcher(':method', method)] : []),
  // A client of HTTP/2 may write any `:scheme`.
  ...(scheme ? [headerMatcher(SCHEME_HEADER, scheme)] : []),
  ...(authority ? [headerMatcher(':authority', authority)] : []),
  ...(source ? [headerMatcher(SOURCE_HEADER, { regex: sourcePattern(source) })] : []),
];

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

/** Builds the matcher of a header. */
export function headerMatcher(name: string, match: HeaderMatch): HeaderMatcher {
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

/** Builds the matcher of a cookie. Envoy's matcher has no form for a cookie with any value. */
const cookie = (name: string, match: HeaderMatch): CookieMatcher => ({
  name,
  stringMatch: stringMatcher(match.present ? { regex: ANY_VALUE } : match),
  invertMatch: false,
});

const ANY_VALUE = '.*';

const queryParameter = (name: string, match: StringMatch): QueryParameterMatcher => ({
  name,
  queryParameterMatchSpecifier: { $case: 'stringMatch', value: stringMatcher(match) },
});

/** Builds the matcher of a text. */
export function stringMatcher({ exact, prefix, regex }: StringMatch): StringMatcher {
  if (exact !== undefined) return { matchPattern: { $case: 'exact', value: exact }, ignoreCase: false };
  if (prefix !== undefined) return { matchPattern: { $case: 'prefix', value: prefix }, ignoreCase: false };
  return { matchPattern: { $case: 'safeRegex', value: { regex: regex ?? '' } }, ignoreCase: false };
}
