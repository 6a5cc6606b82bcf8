/**
 * Divides a rule into shares. `explain` and Envoy's routes share this code, so that each share is a rule of its own for
 * both: its destination with the changes that apply to it, or its direct response.
 */
import type { HeaderChanges } from './header-changes.ts';
import type { Rewrite } from './rewrite.ts';
import type { Rule } from './rule.ts';

/** A part of the requests of a rule that are treated alike. */
export interface RuleShare {
  /**
   * The rule as it applies to the share: `rewrite` is merged with that of the destination, and `route` has only the
   * destinations of the share. Its `headers` are not merged; see {@link request} and {@link response}.
   */
  spec: Rule;
  /** Changes to the headers of the request, in the order in which they apply. */
  request: readonly HeaderChanges[];
  /** Changes to the headers of the response, in the order in which they apply. */
  response: readonly HeaderChanges[];
  /**
   * The end of the share on the scale from 0 to 1,000,000 that all shares of the rule divide. It begins where the share
   * before it ends. Undefined when the rule has only one share.
   */
  until?: number;
}

/** The scale of {@link RuleShare.until}. It is the finest scale that Envoy knows. */
export const SCALE = 1_000_000;

/**
 * Whether the entries of a rule's `route` need routes of their own in Envoy. Envoy's list of weighted clusters changes
 * neither the path per cluster, nor does it answer requests.
 */
export const isDivided = ({ route = [] }: Pick<Rule, 'route'>): boolean =>
  route.some(({ directResponse, headers, rewrite }) => directResponse ?? headers ?? rewrite);

/**
 * Divides a rule. A rule whose destinations differ only in their weights is one share.
 *
 * @example sharesOf(rule).map(({ until }) => until) // [900000, 1000000] for the weights 9 and 1
 */
export function sharesOf(rule: Rule): RuleShare[] {
  const { route = [], rewrite, headers } = rule;
  const [request, response] = [listed(headers?.request), listed(headers?.response)];
  if (!isDivided(rule)) return [{ spec: rule, request, response }];
  const sum = route.reduce((total, { weight = 0 }) => total + weight, 0);
  let sumUntil = 0;
  return route.map((entry) => {
    sumUntil += entry.weight ?? 0;
    const until = route.length === 1 ? undefined : Math.round((sumUntil / sum) * SCALE);
    const { directResponse, ...forward } = entry;
    const { route: _, rewrite: __, ...kept } = rule;
    const merged = mergedRewrite(rewrite, forward.rewrite);
    const spec: Rule = directResponse
      ? { ...kept, directResponse }
      : { ...kept, route: [forward], ...(merged && { rewrite: merged }) };
    return {
      spec,
      request: [...request, ...listed(forward.headers?.request)],
      response: [...response, ...listed(forward.headers?.response)],
      ...(until !== undefined && { until }),
    };
  });
}

/** The path and the host are merged separately: the rewrite of the destination replaces that of the rule. */
function mergedRewrite(ofRule: Rewrite | undefined, own: Rewrite | undefined): Rewrite | undefined {
  if (!ofRule || !own) return own ?? ofRule;
  const { authority, ...path } = own;
  const { authority: authorityOfRule, ...pathOfRule } = ofRule;
  const merged = authority ?? authorityOfRule;
  return {
    ...(Object.keys(path).length > 0 ? path : pathOfRule),
    ...(merged !== undefined && { authority: merged }),
  };
}

const listed = (changes: HeaderChanges | undefined): HeaderChanges[] => (changes ? [changes] : []);
