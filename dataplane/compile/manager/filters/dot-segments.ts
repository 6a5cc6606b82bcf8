import { DOT_SEGMENT_WITH_PARAMETERS } from '../../../../model/matching/path.ts';
import { Permission, Policy } from '../../../envoy/gen/envoy/config/rbac/v3/rbac.ts';
import type { StringMatcher } from '../../../envoy/gen/envoy/type/matcher/v3/string.ts';

/**
 * The policy that answers 403 to a path with a dot segment that has parameters, such as `/x/..;/admin`. Servers such as
 * Tomcat drop the parameters and then resolve the dots. They would serve another path than the one that the tenant's
 * rules matched.
 *
 * Envoy resolves the plain spelling, but it drops parameters before it decodes escapes. So `/x/%2e%2e;/admin` arrives at
 * the filter as `/x/..;/admin`.
 */
export const dotSegments = Policy.fromPartial({
  permissions: [
    {
      rule: {
        $case: 'andRules',
        value: {
          rules: [
            // Ordinary paths cost two searches for a short text and never reach the regular expression.
            { rule: { $case: 'orRules', value: { rules: [path(contains(';')), path(contains('%3b'))] } } },
            path({
              matchPattern: { $case: 'safeRegex', value: { regex: `.*${DOT_SEGMENT_WITH_PARAMETERS.source}.*` } },
            }),
          ],
        },
      },
    },
  ],
  principals: [{ identifier: { $case: 'any', value: true } }],
});

/** Compares the path without its query. */
function path(value: Partial<StringMatcher>): Permission {
  const rule = { $case: 'path' as const, value: { ignoreCase: false, ...value } };
  return Permission.fromPartial({ rule: { $case: 'urlPath', value: { rule } } });
}

function contains(value: string): Partial<StringMatcher> {
  return { matchPattern: { $case: 'contains', value }, ignoreCase: true };
}
