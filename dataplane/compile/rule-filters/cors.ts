import type { Cors } from '../../../model/route/cors.ts';
import { milliseconds } from '../../../model/values/duration.ts';
import { pack } from '../../envoy/any.ts';
import { CorsPolicy, Cors as Message } from '../../envoy/gen/envoy/extensions/filters/http/cors/v3/cors.ts';
import { stringMatcher } from '../match.ts';
import type { PolicyCompiler } from '../policies/policy.ts';
import { filter } from '../values/filter.ts';

/**
 * Answers preflights, and writes the CORS headers of responses. It is a filter of the connection manager, because it
 * does not read its settings inside `composite`.
 */
export const cors: PolicyCompiler<'cors', Cors> = {
  kind: 'cors',
  managerFilter: filter('cors', 'envoy.extensions.filters.http.cors.v3.Cors', Message, Message.fromPartial({})),
  filter: ({ allowOrigins, allowMethods = [], allowHeaders = [], exposeHeaders = [], maxAge, allowCredentials }) =>
    pack(
      'envoy.extensions.filters.http.cors.v3.CorsPolicy',
      CorsPolicy,
      CorsPolicy.fromPartial({
        // A matcher that matches the text `*` allows every origin.
        allowOriginStringMatch: allowOrigins.map(stringMatcher),
        allowMethods: allowMethods.join(','),
        allowHeaders: allowHeaders.join(','),
        exposeHeaders: exposeHeaders.join(','),
        ...(maxAge !== undefined && { maxAge: String(milliseconds(maxAge)! / 1000) }),
        allowCredentials,
        forwardNotMatchingPreflights: false,
      }),
    ),
};

/** What the route of a rule with `cors` changes in responses, before the filter writes its headers. */
export const corsHeaders = {
  // The filter writes the origin of the request, so a cache must not serve the response to another origin.
  add: { vary: 'Origin' },
  // The upstream may allow origins that the rule does not.
  remove: ['access-control-allow-origin', 'access-control-allow-credentials', 'access-control-expose-headers'],
};
