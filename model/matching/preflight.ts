/**
 * Finds the rule to which a preflight belongs: the one that would serve the request that the browser asks about. A
 * preflight names the method and the headers of this request. It does not have their values, nor cookies.
 * https://fetch.spec.whatwg.org/#cors-preflight-fetch
 */
import { withoutPauses } from '../pausable.ts';
import type { Match } from '../route/match.ts';
import type { HeaderMatch, StringMatch, UriMatch } from '../route/matchers.ts';
import { matchesText } from './mismatch.ts';
import type { RankedRule } from './precedence.ts';
import { type PathMatch, pathOf } from './uri.ts';

export const METHOD_ASKED = 'access-control-request-method';
export const HEADERS_ASKED = 'access-control-request-headers';

/** The largest length of the method and of the list of headers in a preflight, if conditions compare them. */
export const MAX_ASKED = { [METHOD_ASKED]: 32, [HEADERS_ASKED]: 1000 } as const;

/** A condition of a rule in the order in which the edge tries it. */
export interface Step {
  rule: RankedRule;
  condition: Match;
  /**
   * Whether the condition is about preflights only, whose requests the rule serves. A rule without `cors` rejects them.
   */
  isPreflight: boolean;
}

/** Headers that a preflight has as the request after it does, because the browser or the edge writes them. */
const SENT: ReadonlySet<string> = new Set(
  `origin user-agent referer host x-forwarded-for x-forwarded-proto x-forwarded-host x-envoy-external-address
  ${METHOD_ASKED} ${HEADERS_ASKED}`.split(/\s+/),
);
/**
 * Headers that requests may have although the preflight does not list them: browsers write them, or they are safe with
 * some values. https://fetch.spec.whatwg.org/#cors-safelisted-request-header
 */
const UNLISTED: ReadonlySet<string> = new Set(
  `accept accept-encoding accept-language content-language content-length content-type cookie date dnt range save-data
  priority downlink`.split(/\s+/),
);
const isUnlisted = (name: string): boolean => UNLISTED.has(name) || name.startsWith('sec-');

/**
 * Adds to the conditions of a host those of preflights, each in front of the condition of its rule.
 *
 * A rule with `cors` gets the preflight of each request that it may serve: what a preflight does not say is taken to
 * match. A rule without `cors` gets the preflights of the requests that it surely serves, if its own condition does not
 * match them, and if a rule behind it has `cors` and may have the same path. This other rule would otherwise allow
 * requests that it does not serve.
 *
 * @param rules the rules of a host, in order
 */
export function* stepsOf(rules: readonly RankedRule[]): Generator<Step> {
  const allowing = rules.flatMap(({ spec, condition, misplaced }, index) =>
    spec.cors && !misplaced ? [{ index, path: pathOf(condition) }] : [],
  );
  const last = allowing.at(-1)?.index ?? -1;
  for (const [index, rule] of rules.entries()) {
    if (index > last || rule.misplaced) {
      yield { rule, condition: rule.condition, isPreflight: false };
      continue;
    }
    const asking = askedFor(rule.condition);
    if (rule.spec.cors || (asking.isSure && asking.isNeeded && mayAllow(allowing, index, rule.condition)))
      yield { rule, condition: asking.condition, isPreflight: true };
    yield { rule, condition: withoutOthers(rule.condition), isPreflight: false };
  }
}

/** Whether a host has conditions of preflights, which compare what a preflight says. */
export const hasPreflights = (steps: readonly Step[]): boolean => steps.some(({ isPreflight }) => isPreflight);

/** Above this number of rules, their paths are not compared, which would take long. */
const MAX_COMPARED = 64;

/** Whether a rule with `cors` behind a place may match the paths of a condition. */
function mayAllow(allowing: readonly { index: number; path: PathMatch }[], place: number, condition: Match): boolean {
  const behind = allowing.slice(allowing.findIndex(({ index }) => index > place));
  if (behind.length > MAX_COMPARED) return true;
  const own = pathOf(condition);
  return behind.some(({ path }) => mayOverlap(own, path));
}

function mayOverlap(a: PathMatch, b: PathMatch): boolean {
  if (a.kind === 'regex' || b.kind === 'regex') return true;
  // Without regard to case, because a condition may ignore it.
  const [one, other] = [a.path.toLowerCase(), b.path.toLowerCase()];
  return one.startsWith(other) || other.startsWith(one);
}

/**
 * Returns the condition of the preflights whose requests a condition matches.
 *
 * @returns `isNeeded`: the condition itself does not match these preflights; `isSure`: it matches all of the requests
 */
function askedFor(condition: Match): { condition: Match; isNeeded: boolean; isSure: boolean } {
  const { uri, grpc, method = grpc && { exact: 'POST' }, headers = {}, cookies = {}, withoutHeaders = {} } = condition;
  const sent = Object.entries(headers).filter(([name]) => SENT.has(name));
  const others = Object.entries(headers).filter(([name]) => !SENT.has(name));
  const isOtherMethod = method !== undefined && !matchesNow(method, 'OPTIONS');
  const listed = [
    ...(grpc ? ['content-type'] : []),
    ...others.map(([name]) => name).filter((name) => !isUnlisted(name)),
  ].sort();
  const { grpc: _, cookies: __, ...rest } = withoutOthers(condition);
  const path = grpc ? uriOf(pathOf(condition)) : uri;
  return {
    condition: {
      ...rest,
      ...(path && { uri: path }),
      method: { exact: 'OPTIONS' },
      headers: {
        origin: GIVEN,
        [METHOD_ASKED]: isOtherMethod ? method : GIVEN,
        ...(listed.length > 0 && { [HEADERS_ASKED]: { regex: listing(listed) } }),
        ...Object.fromEntries(sent),
      },
    },
    isNeeded: isOtherMethod || others.length > 0 || Object.keys(cookies).length > 0,
    isSure:
      !grpc &&
      (method === undefined || isOtherMethod) &&
      Object.keys(cookies).length === 0 &&
      others.every(([name, match]) => match.present && !isUnlisted(name)) &&
      Object.entries(withoutHeaders).every(([name, match]) => match.present || SENT.has(name)),
  };
}

/** Browsers never send these headers empty. */
const GIVEN: HeaderMatch = { regex: '.+' };

/** Excludes the preflights of requests whose headers the condition excludes. */
function withoutOthers(condition: Match): Match {
  const { withoutHeaders } = condition;
  if (!withoutHeaders || HEADERS_ASKED in withoutHeaders) return condition;
  const excluded = Object.entries(withoutHeaders)
    .filter(([name, match]) => match.present && !SENT.has(name) && !isUnlisted(name))
    .map(([name]) => name);
  if (excluded.length === 0) return condition;
  const regex = listing([`(?:${excluded.map(quoted).join('|')})`], (each) => each);
  return { ...condition, withoutHeaders: { ...withoutHeaders, [HEADERS_ASKED]: { regex } } };
}

/** Returns a pattern for a list of header names, sorted as browsers sort it, that contains these names. */
const listing = (names: readonly string[], write = quoted): string =>
  `(?i)(?:.*,)?${names.map((name) => `[ \\t]*${write(name)}[ \\t]*`).join(',(?:.*,)?')}(?:,.*)?`;

const quoted = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

const uriOf = (path: PathMatch): UriMatch =>
  path.kind === 'regex' ? { regex: path.regex } : path.kind === 'exact' ? { exact: path.path } : { prefix: path.path };

const matchesNow = (match: StringMatch | HeaderMatch, text: string): boolean => withoutPauses(matchesText(match, text));
