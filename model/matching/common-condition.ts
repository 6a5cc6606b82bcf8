/** Combines the condition of a rule that delegates with a condition of the route to which it delegates. */
import { withoutPauses } from '../pausable.ts';
import { matching } from '../regex/regex.ts';
import type { Match } from '../route/match.ts';
import type { HeaderMatch, StringMatch } from '../route/matchers.ts';
import { commonCidrs } from '../values/cidr.ts';
import { own } from '../values/own.ts';
import { pointer } from '../values/pointer.ts';
import { liesWithin } from './path-within.ts';
import { pathOf } from './uri.ts';

/** The condition that matches exactly the requests that both conditions match, or the reason why there is none. */
export type Common = { condition: Match } | Conflict;

/** A field of the inner condition that cannot be combined with the outer condition. */
interface Conflict {
  /** JSON pointer to the field inside the inner condition. It may be absent there when the whole condition is meant. */
  field: string;
  /** Completes a sentence whose subject is the field. */
  reason: string;
}

const isConflict = (value: object): value is Conflict => 'reason' in value;

const known = new WeakMap<Match, WeakMap<Match, Common>>();

/**
 * Combines two conditions. The paths of `inner` must lie within the path prefix of `outer`. Of two conditions on the
 * same text, one must imply the other. The result is cached, because every host of a route needs it.
 *
 * @param outer the condition of the rule that delegates: its path is a prefix
 * @param inner the condition of the other route
 */
export function commonCondition(outer: Match, inner: Match): Common {
  let byInner = known.get(outer);
  if (!byInner) known.set(outer, (byInner = new WeakMap()));
  let common = byInner.get(inner);
  if (!common) byInner.set(inner, (common = combined(outer, inner)));
  return common;
}

function combined(outer: Match, inner: Match): Common {
  const path = commonPath(outer, inner);
  if (isConflict(path)) return path;
  const condition: Match = { ...outer, ...inner, ...path };
  if (inner.grpc && outer.method && !impliesText({ exact: 'POST' }, outer.method))
    return { field: '/grpc', reason: 'is a call with POST, which the method of the delegating rule does not match' };
  for (const field of ['method', 'scheme', 'authority'] as const) {
    const [a, b] = [outer[field], inner[field]];
    const text = a && b ? narrower(a, b) : (a ?? b);
    if (a && b && !text) return contradiction(field);
    if (text) condition[field] = text as StringMatch;
  }
  for (const field of ['headers', 'cookies', 'queryParams'] as const) {
    const map = commonMap(outer[field], inner[field], narrower);
    if (typeof map === 'string') return contradiction(field, map);
    if (map) Object.assign(condition, { [field]: map });
  }
  // A request without `x: a…` is also one without `x: ab`, so the wider of the two remains.
  const without = commonMap(outer.withoutHeaders, inner.withoutHeaders, wider);
  if (typeof without === 'string') return contradiction('withoutHeaders', without);
  if (without) condition.withoutHeaders = without;
  if (outer.port !== undefined && inner.port !== undefined && outer.port !== inner.port) return contradiction('port');
  if (outer.source && inner.source) {
    const source = commonCidrs(outer.source, inner.source);
    if (source.length === 0) return contradiction('source');
    condition.source = source;
  }
  return { condition };
}

const contradiction = (...field: string[]): Conflict => ({
  field: pointer(field),
  reason: 'cannot be combined with the same field of the delegating rule',
});

function commonPath(outer: Match, inner: Match): Pick<Match, 'uri' | 'ignoreUriCase' | 'grpc'> | Conflict {
  const ofOuter = { ...(outer.uri && { uri: outer.uri }), ignoreUriCase: outer.ignoreUriCase };
  if (!inner.uri && !inner.grpc) return defined(ofOuter);
  const field = inner.grpc ? '/grpc' : pointer(['uri', Object.keys(inner.uri!)[0]!]);
  const [within, prefix] = [pathOf(inner), pathOf(outer)];
  if (
    !liesWithin(
      { path: within, ignoresCase: inner.ignoreUriCase ?? false },
      { path: prefix, ignoresCase: outer.ignoreUriCase ?? false },
    )
  ) {
    const text = outer.uri?.pathPrefix ?? outer.uri?.prefix ?? '/';
    return { field, reason: `does not lie within the delegated prefix ${text}` };
  }
  return defined({ uri: inner.uri, ignoreUriCase: inner.ignoreUriCase, grpc: inner.grpc });
}

/** The three fields on the path; if one is absent, the field of the other condition is removed too. */
function defined(fields: { [F in 'uri' | 'ignoreUriCase' | 'grpc']?: Match[F] | undefined }) {
  return { uri: fields.uri, ignoreUriCase: fields.ignoreUriCase, grpc: fields.grpc } as Pick<
    Match,
    'uri' | 'ignoreUriCase' | 'grpc'
  >;
}

/** @returns the combined map; or the first name whose two conditions cannot be combined */
function commonMap<M extends HeaderMatch>(
  outer: Record<string, M> = {},
  inner: Record<string, M> = {},
  choose: (a: M, b: M) => M | undefined,
): Record<string, M> | string | undefined {
  const names = [...new Set([...Object.keys(outer), ...Object.keys(inner)])].sort();
  if (names.length === 0) return undefined;
  const all: [name: string, M][] = [];
  for (const name of names) {
    const [a, b] = [own(outer, name), own(inner, name)];
    const chosen = a && b ? choose(a, b) : (a ?? b);
    if (!chosen) return name;
    all.push([name, chosen]);
  }
  return Object.fromEntries(all);
}

/** Returns the condition that implies the other one; undefined when neither is known to. */
const narrower = <M extends HeaderMatch>(a: M, b: M): M | undefined =>
  impliesText(b, a) ? b : impliesText(a, b) ? a : undefined;

/** Returns the condition that the other one implies. */
const wider = <M extends HeaderMatch>(a: M, b: M): M | undefined =>
  impliesLine(b, a) ? a : impliesLine(a, b) ? b : undefined;

/** The same as {@link impliesText} for `withoutHeaders`, where a missing header counts as an empty one. */
const impliesLine = (a: HeaderMatch, b: HeaderMatch): boolean =>
  impliesText(a, b) && !(b.present && a.regex !== undefined && withoutPauses(matching(a.regex, '')));

/** Whether every text that `a` matches is known to match `b`. */
function impliesText(a: HeaderMatch, b: HeaderMatch): boolean {
  if (b.present) return true;
  if (a.exact !== undefined)
    return b.exact !== undefined
      ? a.exact === b.exact
      : b.prefix !== undefined
        ? a.exact.startsWith(b.prefix)
        : withoutPauses(matching(b.regex ?? '', a.exact));
  if (a.prefix !== undefined) return b.prefix !== undefined && a.prefix.startsWith(b.prefix);
  return a.regex !== undefined && a.regex === b.regex;
}
