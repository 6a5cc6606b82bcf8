import { WILDCARD_STEPS } from '../../../../model/values/host.ts';
import { pack } from '../../../envoy/any.ts';
import { FilterConfig } from '../../../envoy/gen/envoy/config/route/v3/route_components.ts';
import { Lua, LuaPerRoute } from '../../../envoy/gen/envoy/extensions/filters/http/lua/v3/lua.ts';
import type { HttpFilter } from '../../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { filter } from '../../values/filter.ts';
import { COVERED, SCOPE_HEADER, SERVER_NAME_HEADER, serverNamed } from '../../values/names.ts';
import { onDemand } from './on-demand.ts';

/**
 * Scopes are matched by exact key. When none was found, each step makes the next candidate of the key, and the
 * `on_demand` behind it loads that: first the canonical spelling (lower case, no port, no trailing dot), then the
 * wildcards above, nearest first.
 *
 *     80|A.B.Example.com → 80|a.b.example.com → 80|*.b.example.com → 80|*.example.com → 80|*.com → 80|*
 *
 * On the way to the wildcards it notes whether the connection was opened for this very host: their RouteConfigurations
 * cannot compare the two.
 *
 * A script cannot try several in a loop: it is told of one route only. Nor can the steps hide inside one `composite`: a
 * filter in there that waits continues behind it. Both were tried on Envoy 1.40.
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
    local name = headers:get('${SERVER_NAME_HEADER}')
    if name == '${serverNamed('')}' .. canonical:sub(#zone + 2) then headers:replace('${SERVER_NAME_HEADER}', '${COVERED}') end
    canonical = zone .. '|*' .. rest
  end
  headers:replace('${SCOPE_HEADER}', canonical)
  handle:clearRouteCache()
end
`;

const NAME = 'fallback';
const LOAD = 'fallback-load';

const step = filter(
  NAME,
  'envoy.extensions.filters.http.lua.v3.Lua',
  Lua,
  Lua.fromPartial({ defaultSourceCode: { specifier: { $case: 'inlineString', value: source } } }),
);

/**
 * Loads what the step before it named. Under a name of its own: the chain's first `on_demand` stays for every request.
 */
const load: HttpFilter = { ...onDemand, name: LOAD };

export const fallback: HttpFilter[] = Array.from({ length: WILDCARD_STEPS }, () => [step, load]).flat();

const unmade = pack('envoy.config.route.v3.FilterConfig', FilterConfig, FilterConfig.fromPartial({ disabled: true }));

/**
 * Every virtual host carries this: for a host that is found as the request comes in, as nearly all are, the steps are
 * not even made.
 */
export const skipped = { [NAME]: unmade, [LOAD]: unmade };

/**
 * Every RouteConfiguration carries this, and a route for whatever comes: a host that was found later, by an
 * `on_demand`, is left alone by the steps that were made by then. Here, and not on the virtual host, which has one
 * entry per filter.
 */
export const leftAlone = {
  [NAME]: pack(
    'envoy.extensions.filters.http.lua.v3.LuaPerRoute',
    LuaPerRoute,
    LuaPerRoute.fromPartial({ override: { $case: 'disabled', value: true } }),
  ),
};
