/** Finds the RE2 patterns that Envoy gets for a route. */
import type { Match } from '../route/match.ts';
import type { UriMatch } from '../route/matchers.ts';
import type { Rewrite } from '../route/rewrite.ts';
import type { Rule } from '../route/rule.ts';
import { hasOnly } from '../values/has-only.ts';
import { pointer } from '../values/pointer.ts';
import { sourcePattern } from '../values/source-pattern.ts';
import { rejectedBy, rewriteOf } from './path-rewrite.ts';
import { pathMatch, pathOf, pathRegex } from './uri.ts';

/** A pattern that Envoy compares with requests. */
export interface PlacedPattern {
  /** As Envoy gets it. */
  pattern: string;
  /** JSON pointer inside the spec to the field from which it is made. */
  path: string;
}

/**
 * Lists the patterns that Envoy gets for a route: those that the tenant wrote, those for paths with escapes, those
 * of rewrites, and those that reject rewritten paths. The list is in the order in which Envoy compares the rules.
 *
 * @example patternsOfRoute(route) // [{ pattern: '/v[0-9]+/.*', path: '/http/0/match/0/uri/regex' }]
 */
export function patternsOfRoute({ http = [] }: { http?: readonly Rule[] | undefined }): PlacedPattern[] {
  const found: PlacedPattern[] = [];
  for (let index = 0; index < http.length; index++) {
    const { match, rewrite, route, cors } = http[index]!;
    // Most rules have no pattern. Every write of a route examines all of them.
    if (!rewrite && !cors && !route?.some((entry) => entry.rewrite) && (match?.every(isPlainPath) ?? true)) continue;
    if (cors) addPatterns(found, cors, ['http', index, 'cors']);
    for (const [place, condition] of (match ?? [{}]).entries()) {
      const at = match ? ['http', index, 'match', place] : ['http', index];
      if (rewrite) addRewrite(found, rewrite, condition, ['http', index, 'rewrite']);
      for (const [entry, { rewrite: own }] of (route ?? []).entries())
        if (own) addRewrite(found, own, condition, ['http', index, 'route', entry, 'rewrite']);
      // The preflights of a rule have conditions of their own, with the same patterns.
      addCondition(found, condition, at);
      if (cors) addCondition(found, condition, at);
    }
  }
  return found;
}

function addCondition(found: PlacedPattern[], condition: Match, at: readonly PropertyKey[]): void {
  for (const field in condition) {
    if (field === 'uri') addUri(found, condition, at);
    else if (field === 'grpc') addGrpc(found, condition, [...at, field]);
    else if (field === 'source')
      found.push({ pattern: sourcePattern(condition.source!), path: pointer([...at, field]) });
    else addPatterns(found, condition[field as keyof Match], [...at, field]);
  }
}

function addRewrite(found: PlacedPattern[], rewrite: Rewrite, condition: Match, at: readonly PropertyKey[]): void {
  const { uri, regex } = rewrite;
  if (uri === undefined && regex === undefined) return;
  const read = rewriteOf({ rewrite }, condition);
  const rejected = rejectedBy(read);
  const path = pointer([...at, regex ? 'regex' : 'uri']);
  if (rejected !== undefined) found.push({ pattern: rejected, path });
  if (read?.kind !== 'pattern') return;
  found.push({ pattern: read.pattern, path });
  // The route that rejects paths has the condition on the path too.
  const wanted = pathOf(condition);
  if (rejected !== undefined && wanted.kind === 'regex') found.push({ pattern: wanted.regex, path });
}

function addUri(found: PlacedPattern[], { uri, ignoreUriCase = false }: Match, at: readonly PropertyKey[]): void {
  if (uri === undefined || isPlain(uri)) return;
  const pattern = pathRegex(pathMatch(uri), ignoreUriCase);
  if (pattern !== undefined) found.push({ pattern, path: pointer([...at, 'uri', Object.keys(uri)[0]!]) });
}

function addGrpc(found: PlacedPattern[], condition: Match, at: readonly PropertyKey[]): void {
  const path = pathOf(condition);
  if (path.kind === 'regex') found.push({ pattern: path.regex, path: pointer(at) });
}

const PATH: ReadonlySet<string> = new Set(['uri', 'port', 'gateways']);

const isPlainPath = (condition: Match): boolean =>
  hasOnly(condition, PATH) && (condition.uri === undefined || isPlain(condition.uri));

/** Whether Envoy compares the path with a text. Nearly all conditions are plain, so this is decided quickly. */
const isPlain = ({ exact, prefix, pathPrefix }: UriMatch): boolean =>
  /^[A-Za-z0-9/._~-]+$/.test(exact ?? prefix ?? pathPrefix ?? '');

/** Adds every pattern inside a field. Every condition on a text has its pattern as `regex`. */
function addPatterns(found: PlacedPattern[], value: unknown, at: readonly PropertyKey[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (key === 'regex' && typeof member === 'string') found.push({ pattern: member, path: pointer([...at, key]) });
    else addPatterns(found, member, [...at, key]);
  }
}
