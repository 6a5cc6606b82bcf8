import type { Route } from '../kinds/route.ts';
import { type ConditionPlace, conditionPath } from '../matching/delegation.ts';
import { isEveryPath, type PathMatch, pathOf } from '../matching/uri.ts';
import type { UriMatch } from '../route/matchers.ts';
import { hasOnly } from '../values/has-only.ts';
import { PrefixTree } from '../values/prefix-tree.ts';
import { resourceName } from '../violations.ts';
import type { Check } from './findings.ts';

/**
 * Warns about conditions that match only requests which an earlier condition of the same route matches too: an equal
 * condition, or a wider path without other fields. `reachability` reports those after a condition on every request.
 */
export const shadowed: Check = function* (configuration, { warnings }, names) {
  for (const [name, route] of configuration.entries('route', names.route)) {
    for (const found of shadowedIn(route)) {
      yield;
      if (!found) continue;
      const [path, by] = found;
      warnings.push({
        resource: resourceName('route', name),
        path,
        code: 'unreachable-rule',
        message: `never decides: ${by} before it matches the same requests`,
      });
    }
  }
};

/** Yields after each rule too, so that the check can pause. */
function* shadowedIn({ http = [], order }: Route): Generator<[path: string, by: string] | undefined> {
  yield;
  if (http.length < 2 && (http[0]?.match?.length ?? 0) < 2) return;
  const equal = new Map<string, ConditionPlace>();
  const wide = new WidePaths();
  for (let rule = 0; rule < http.length; rule++) {
    const spec = http[rule]!;
    const { match: conditions = [] } = spec;
    for (let match = 0; match < conditions.length; match++) {
      const condition = conditions[match]!;
      const uri = pathOf(condition);
      const isPath = hasOnly(condition, PATH);
      // `reachability` reports what comes after a condition on every request.
      if (isPath && isEveryPath(uri)) return;
      const key = isPath ? pathKey(condition.uri) : JSON.stringify(condition);
      const by = equal.get(key) ?? (order === 'specific' || condition.ignoreUriCase ? undefined : wide.above(uri));
      const at = { route: '', rule, match, spec };
      if (by !== undefined) yield [conditionPath(at), conditionPath(by)];
      // The next rule serves what the rules of the other route leave.
      else if (!spec.delegate) {
        equal.set(key, at);
        if (isPath) wide.add(uri, at);
      }
    }
    yield;
  }
}

/** The field of a condition that compares only the path, with regard to case. */
const PATH: ReadonlySet<string> = new Set(['uri']);

/** Returns a text that differs for paths that are written differently, and from the JSON of every condition. */
function pathKey(uri: UriMatch = {}): string {
  for (const kind in uri) return kind + uri[kind as keyof UriMatch];
  return '';
}

/** Prefixes of paths, each with the condition that names it. */
class WidePaths {
  readonly #segments = new PrefixTree<ConditionPlace>();
  readonly #prefixes = new PrefixTree<ConditionPlace>();

  add(uri: PathMatch, at: ConditionPlace): void {
    if (uri.kind === 'segments') this.#segments.add(`${uri.path}/`, at);
    if (uri.kind === 'prefix') this.#prefixes.add(uri.path, at);
  }

  /** Returns the condition that matches every path which `uri` matches; undefined when none is known to. */
  above(uri: PathMatch): ConditionPlace | undefined {
    if (uri.kind === 'regex') return undefined;
    const { kind, path } = uri;
    // The prefix `/a` matches `/ab` too, which is not below `/a`.
    return this.#prefixes.find(path) ?? this.#segments.find(kind === 'prefix' ? path : `${path}/`);
  }
}
