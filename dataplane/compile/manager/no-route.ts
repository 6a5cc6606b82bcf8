import { HTML, NO_ROUTE, NO_ROUTE_PAGE } from '../../../model/no-route.ts';
import { AccessLogFilter } from '../../envoy/gen/envoy/config/accesslog/v3/accesslog.ts';
import type { HeaderMatcher } from '../../envoy/gen/envoy/config/route/v3/route_components.ts';
import { ResponseMapper } from '../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { headerMatcher } from './filters/guard.ts';

const header = (value: HeaderMatcher) =>
  AccessLogFilter.fromPartial({ filterSpecifier: { $case: 'headerFilter', value: { header: value } } });

/** Envoy's flag of a request for which it found no route. All hosts that are served have a route for every path. */
const noRoute = AccessLogFilter.fromPartial({
  filterSpecifier: { $case: 'responseFlagFilter', value: { flags: ['NR'] } },
});
/** The targets of `OPTIONS *` and CONNECT match no route of any host. */
const hasPath = header(headerMatcher(':path', { $case: 'prefix', value: '/' }));
const wantsPage = header(headerMatcher('accept', { $case: 'contains', value: HTML }));

const replyTo = (filters: AccessLogFilter[], body: string, more: Partial<ResponseMapper> = {}) =>
  ResponseMapper.fromPartial({
    filter: { filterSpecifier: { $case: 'andFilter', value: { filters } } },
    body: { specifier: { $case: 'inlineString', value: body } },
    ...more,
  });

/** The bodies of Envoy's 404 to requests for hosts that no route serves. Envoy uses the first mapper that matches. */
export const noRouteReplies: readonly ResponseMapper[] = [
  replyTo([noRoute, hasPath, wantsPage], NO_ROUTE_PAGE, {
    bodyFormatOverride: {
      format: {
        $case: 'textFormatSource',
        value: { specifier: { $case: 'inlineString', value: '%LOCAL_REPLY_BODY%' }, watchedDirectory: undefined },
      },
      omitEmptyValues: false,
      contentType: `${HTML}; charset=utf-8`,
      formatters: [],
      jsonFormatOptions: undefined,
    },
  }),
  replyTo([noRoute, hasPath], NO_ROUTE),
];
