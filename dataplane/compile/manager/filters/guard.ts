/** The parts of which the guards consist. A guard rejects requests to every host, before Envoy looks for a route. */
import { AccessLogFilter } from '../../../envoy/gen/envoy/config/accesslog/v3/accesslog.ts';
import { Policy } from '../../../envoy/gen/envoy/config/rbac/v3/rbac.ts';
import { HeaderMatcher } from '../../../envoy/gen/envoy/config/route/v3/route_components.ts';
import { ResponseMapper } from '../../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import type { StringMatcher } from '../../../envoy/gen/envoy/type/matcher/v3/string.ts';

/** Compares the value of a header. */
export const headerMatcher = (
  name: string,
  matchPattern: StringMatcher['matchPattern'],
  more: Partial<HeaderMatcher> = {},
): HeaderMatcher =>
  HeaderMatcher.fromPartial({
    name,
    headerMatchSpecifier: { $case: 'stringMatch', value: { matchPattern, ignoreCase: false } },
    ...more,
  });

/** Rejects the requests that all matchers match. */
export const allOf = (...matchers: HeaderMatcher[]): Policy =>
  Policy.fromPartial({
    permissions: [
      {
        rule: {
          $case: 'andRules',
          value: { rules: matchers.map((value) => ({ rule: { $case: 'header' as const, value } })) },
        },
      },
    ],
    principals: [{ identifier: { $case: 'any', value: true } }],
  });

/** Gives the responses of Envoy itself to the requests that match another status than 403, and a body. */
export const reply = (header: HeaderMatcher, statusCode: number, body: string): ResponseMapper =>
  ResponseMapper.fromPartial({
    filter: AccessLogFilter.fromPartial({ filterSpecifier: { $case: 'headerFilter', value: { header } } }),
    statusCode,
    body: { specifier: { $case: 'inlineString', value: body } },
  });
