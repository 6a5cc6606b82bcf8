import { WILDCARD_STEPS } from '../../../../model/values/host.ts';
import { Lua } from '../../../envoy/gen/envoy/extensions/filters/http/lua/v3/lua.ts';
import { OnDemand } from '../../../envoy/gen/envoy/extensions/filters/http/on_demand/v3/on_demand.ts';
import type { HttpFilter } from '../../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { filter } from '../../values/filter.ts';
import { COVERED, SCOPE_HEADER, SERVER_NAME_HEADER, serverNamed } from '../../values/names.ts';

/**
 * Envoy finds a scope by its exact key. If no scope has the key, each lookup step writes the next candidate into the
 * header with the key, and the `on_demand` filter after the step loads that scope. The candidates are first the
 * canonical spelling (lower case, no port, no trailing dot), then the wildcards above it, nearest first:
 *
 * `80|A.B.Example.com` → `80|a.b.example.com` → `80|*.b.example.com` → `80|*.example.com` → `80|*.com` → `80|*`
 *
 * A request with a route has found its host. All routes have names.
 *
 * Before it writes a wildcard, the script records whether the connection was opened for this host. The
 * RouteConfiguration of a wildcard cannot compare the server name with the host.
 *
 * One script cannot try several candidates in a loop, because Envoy resumes it for one route only. The steps cannot be
 * inside one `composite` filter either: when a filter inside it waits, the request resumes after the `composite`
 * filter. Both were tried on Envoy 1.40.
 */
const source = `
function envoy_on_request(handle)
  if handle:streamInfo():routeName() ~= '' then return end
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

/** The name of the filters that load a host. */
export const LOADING = 'loading';

/** Pauses a request to a host that is not loaded until Envoy has the host's RouteConfiguration. */
const load = filter(LOADING, 'envoy.extensions.filters.http.on_demand.v3.OnDemand', OnDemand, OnDemand.fromPartial({}));

const lookup = filter(
  LOADING,
  'envoy.extensions.filters.http.lua.v3.Lua',
  Lua,
  Lua.fromPartial({ defaultSourceCode: { specifier: { $case: 'inlineString', value: source } } }),
);

/**
 * The filters that load the host of a request, in the order of the chain. They have one name, so that virtual hosts can
 * disable them with one entry: Envoy needs them only for requests to hosts that it does not know.
 */
export const loading: HttpFilter[] = [load, ...Array.from({ length: WILDCARD_STEPS }, () => [lookup, load]).flat()];
