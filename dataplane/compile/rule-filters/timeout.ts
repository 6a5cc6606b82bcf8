import type { Rule } from '../../../model/route/rule.ts';
import { milliseconds } from '../../../model/values/duration.ts';
import { pack } from '../../envoy/any.ts';
import { HeaderValueOption_HeaderAppendAction as Append } from '../../envoy/gen/envoy/config/core/v3/base.ts';
import { HeaderMutation } from '../../envoy/gen/envoy/extensions/filters/http/header_mutation/v3/header_mutation.ts';
import type { PolicyCompiler } from '../policies/policy.ts';

/**
 * Tells the router the `timeout` of a rule that also has a `streamTimeout`. Envoy ignores the timeout of a route that
 * limits its streams, but not the one in this header. The router removes the header.
 */
export const timeout: PolicyCompiler<'timeout', number> = {
  kind: 'timeout',
  filter: (limit) =>
    pack(
      'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation',
      HeaderMutation,
      HeaderMutation.fromPartial({
        mutations: {
          requestMutations: [
            {
              action: {
                $case: 'append',
                value: {
                  header: { key: 'x-envoy-upstream-rq-timeout-ms', value: String(limit) },
                  appendAction: Append.OVERWRITE_IF_EXISTS_OR_ADD,
                },
              },
            },
          ],
        },
      }),
    ),
};

/** The `timeout` in milliseconds that only the filter can set; otherwise undefined. */
export function limitBesideStream({ timeout, streamTimeout }: Pick<Rule, 'timeout' | 'streamTimeout'>) {
  if (timeout === undefined || streamTimeout === undefined) return undefined;
  return milliseconds(timeout) || undefined;
}
