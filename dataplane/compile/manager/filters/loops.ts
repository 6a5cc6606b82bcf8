import { EDGE_NAME, LOOP_ENDED, LOOP_HEADER, TOO_MANY_PASSES } from '../../../../model/matching/loops.ts';
import { AccessLogFilter } from '../../../envoy/gen/envoy/config/accesslog/v3/accesslog.ts';
import { HeaderValueOption_HeaderAppendAction as Append } from '../../../envoy/gen/envoy/config/core/v3/base.ts';
import { Policy } from '../../../envoy/gen/envoy/config/rbac/v3/rbac.ts';
import type { HeaderMatcher } from '../../../envoy/gen/envoy/config/route/v3/route_components.ts';
import { LocalReplyConfig } from '../../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import type { StringMatcher } from '../../../envoy/gen/envoy/type/matcher/v3/string.ts';

/** Adds the edge to the header of a request, which Envoy does before its first filter. */
export const pass = {
  action: {
    $case: 'append' as const,
    value: { header: { key: LOOP_HEADER, value: EDGE_NAME }, appendAction: Append.APPEND_IF_EXISTS_OR_ADD },
  },
};

const header = (matchPattern: StringMatcher['matchPattern']): HeaderMatcher => ({
  name: LOOP_HEADER,
  headerMatchSpecifier: { $case: 'stringMatch', value: { matchPattern, ignoreCase: false } },
  invertMatch: false,
  treatMissingHeaderAsEmpty: false,
});
const tooMany = header({ $case: 'safeRegex', value: { regex: `.*${TOO_MANY_PASSES.source}` } });

/** The policy that rejects a request that has passed too often. */
export const loops = Policy.fromPartial({
  permissions: [
    {
      rule: {
        $case: 'andRules',
        // Envoy joins the values of a header by commas. The value of an ordinary request has none.
        value: { rules: [header({ $case: 'contains', value: ',' }), tooMany].map(permission) },
      },
    },
  ],
  principals: [{ identifier: { $case: 'any', value: true } }],
});

function permission(value: HeaderMatcher) {
  return { rule: { $case: 'header' as const, value } };
}

/** Gives the rejection of this policy its status. Other responses with 403 stay as they are. */
export const loopReply = LocalReplyConfig.fromPartial({
  mappers: [
    {
      filter: AccessLogFilter.fromPartial({ filterSpecifier: { $case: 'headerFilter', value: { header: tooMany } } }),
      statusCode: 508,
      body: { specifier: { $case: 'inlineString', value: LOOP_ENDED } },
    },
  ],
});
