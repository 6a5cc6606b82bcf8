import { WILDCARD_STEPS } from '../../../../model/values/host.ts';
import { pack } from '../../../envoy/any.ts';
import { Lua, LuaPerRoute } from '../../../envoy/gen/envoy/extensions/filters/http/lua/v3/lua.ts';
import type { HttpFilter } from '../../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { filter } from '../../values/filter.ts';
import { COVERED, SCOPE_HEADER, SERVER_NAME_HEADER, serverNamed } from '../../values/names.ts';
import { onDemand } from './on-demand.ts';

/**
 * Envoy finds a scope by its exact key. If no scope has the key, each lookup step writes the next candidate into the
 * header with the key, and the `on_demand` filter after the step loads that scope. The candidates are first the canonical
 * spelling (lower case, no port, no trailing dot), then the wildcards above it, nearest first:
 *
 * `80|A.B.Example.com` → `80|a.b.example.com` → `80|*.b.example.com` → `80|*.example.com` → `80|*.com` → `80|*`
 *
 * Before it writes a wildcard, the script records whether the connection was opened for this host. The
 * RouteConfiguration of a wildcard cannot compare the server name with the host.
 *
 * One script cannot try several candidates in a loop, because Envoy resumes it for one route only. The steps cannot be
 * inside one `composite` filter either: when a filter inside it waits, the request resumes after the `composite` filter.
 * Both were tried on Envoy 1.40.
 */
const source = `
function envoy_on_request(handle)
  local headers = handle:headers()
  local key = headers:get('${SCOPE_HEADER}')
  if key == nil then return end
  local canonical = key:lower():gsub(':%d*$', ''):gsub('%.$', '')
  if canonical == key or canonical .. ':' == key:match('^[^:]*:?') then
    local zone, rest = canonical:match('^([^|]+)|%*?%.?[^.]*(.*)$')
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

const lookup = filter(
  NAME,
  'envoy.extensions.filters.http.lua.v3.Lua',
  Lua,
  Lua.fromPartial({ defaultSourceCode: { specifier: { $case: 'inlineString', value: source } } }),
);

/** The filters of all steps, in the order of the chain. `on_demand` loads the scope whose key the previous step wrote. */
export const fallback: HttpFilter[] = Array.from({ length: WILDCARD_STEPS }, () => [lookup, onDemand]).flat();

/**
 * Settings of every RouteConfiguration. If an `on_demand` filter finds the host late, the filters of the steps exist
 * already, and these settings make them do nothing. They are not on the virtual host, because it can have only one entry
 * per filter.
 */
export const leftAlone = {
  [NAME]: pack(
    'envoy.extensions.filters.http.lua.v3.LuaPerRoute',
    LuaPerRoute,
    LuaPerRoute.fromPartial({ override: { $case: 'disabled', value: true } }),
  ),
};
