import { pack } from '../../envoy/any.ts';
import { FilterConfig } from '../../envoy/gen/envoy/config/route/v3/route_components.ts';
import { Lua, LuaPerRoute } from '../../envoy/gen/envoy/extensions/filters/http/lua/v3/lua.ts';
import type { HttpFilter } from '../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { SCOPE_HEADER } from '../names.ts';
import { filter } from './filter.ts';
import { onDemand } from './on-demand.ts';

/**
 * Scopes are matched by exact key. When none was found, each step makes the next candidate of the key, and the `on_demand` behind
 * it loads that: first the canonical spelling (lower case, no port, no trailing dot), then the wildcards above, nearest first.
 *
 *     80|A.B.Example.com → 80|a.b.example.com → 80|*.b.example.com → 80|*.example.com → 80|*.com → 80|*
 *
 * A script cannot try several in a loop: it is told of one route only. Nor can the steps hide inside one `composite`: a filter in
 * there that waits continues behind it. Both were tried on Envoy 1.40.
 */
const source = `
function envoy_on_request(handle)
  local headers = handle:headers()
  local key = headers:get('${SCOPE_HEADER}')
  if key == nil then return end
  local canonical = key:lower():gsub(':%d*$', ''):gsub('%.$', '')
  if canonical == key or canonical .. ':' == key:match('^[^:]*:?') then
    local zone, rest = canonical:match('^(%d+)|%*?%.?[^.]*(.*)$')
    if zone == nil or canonical == zone .. '|*' then return end
    canonical = zone .. '|*' .. rest
  end
  headers:replace('${SCOPE_HEADER}', canonical)
  handle:clearRouteCache()
end
`;

/** Up to six labels below a wildcard's apex are found (five when the host is not written in lower case). Each step costs a request that needs none about a microsecond. */
const STEPS = 6;

const NAME = 'fallback';

const step = filter(
  NAME,
  'envoy.extensions.filters.http.lua.v3.Lua',
  Lua,
  Lua.fromPartial({ defaultSourceCode: { specifier: { $case: 'inlineString', value: source } } }),
);

export const fallback: HttpFilter[] = Array.from({ length: STEPS }, () => [step, onDemand]).flat();

const disabled = pack(
  'envoy.extensions.filters.http.lua.v3.LuaPerRoute',
  LuaPerRoute,
  LuaPerRoute.fromPartial({ override: { $case: 'disabled', value: true } }),
);

/**
 * Every virtual host carries this, and a route for whatever comes, so that a host that was found is left alone. Optional, because
 * gRPC clients, which have no such filter, refuse what they do not know unless told so.
 */
export const loaded = {
  [NAME]: pack(
    'envoy.config.route.v3.FilterConfig',
    FilterConfig,
    FilterConfig.fromPartial({ config: disabled, isOptional: true }),
  ),
};
