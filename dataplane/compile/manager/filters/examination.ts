/**
 * Scripts for the few requests that match a host's built-in routes. Such a route names the script that examines its
 * requests. The script answers the request, or corrects it and repeats the route lookup. If the script leaves a request
 * unchanged, the request gets the response of the built-in route, which rejects it.
 *
 * The filters of the scripts come after the filters that load a host, so that the first request to a host is examined
 * too. Envoy does not create the script filters for requests that match no built-in route.
 */
import type { ServerNames } from '../../../../model/binding/same-server.ts';
import { pack } from '../../../envoy/any.ts';
import { Lua, LuaPerRoute } from '../../../envoy/gen/envoy/extensions/filters/http/lua/v3/lua.ts';
import type { HttpFilter } from '../../../envoy/gen/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.ts';
import { created, filter } from '../../values/filter.ts';
import { COVERED, ownServerNamed, SERVER_NAME_HEADER, serverNamed } from '../../values/names.ts';
import { LOADING } from './loading.ts';

/** Replaces the path `//` by `/`. Envoy's `merge_slashes` has turned any path of slashes into `//`. */
const oneSlash = `
function envoy_on_request(handle)
  local headers = handle:headers()
  headers:replace(':path', (headers:get(':path'):gsub('^/+', '/')))
  handle:clearRouteCache()
end
`;

/**
 * Redirects to a relative location, which is valid behind any proxy in front of the edge. `withoutEscapedSlashes` in
 * model/matching/path.ts computes the same location.
 */
const redirect = `
function envoy_on_request(handle)
  local path, query = handle:headers():get(':path'):match('^([^?]*)(.*)$')
  path = path:gsub('%%2[fF]', '/')
  path = path:gsub('%%5[cC]', '/')
  local kept, last = {}, ''
  for part in (path:sub(2) .. '/'):gmatch('([^/]*)/') do
    if part == '..' then table.remove(kept) elseif part ~= '.' then kept[#kept + 1] = part end
    last = part
  end
  if last == '.' or last == '..' then kept[#kept + 1] = '' end
  local location = ('/' .. table.concat(kept, '/')):gsub('//+', '/')
  handle:respond({[':status'] = '307', ['location'] = location .. query}, '')
end
`;

const covers = `
local function covers(names, host)
  local wildcard = host:gsub('^[^.]*', '*', 1)
  for _, name in ipairs(names) do
    name = name:lower()
    if name == host or (name == wildcard and #wildcard > 1) then return true end
  end
  return false
end
local function covered(handle, host)
  local tls = handle:streamInfo():downstreamSslConnection()
  return tls and covers(tls:dnsSansLocalCertificate(), host)
end
`;

/**
 * Lets a request pass if its connection was opened for its host, or if the certificate of the connection covers its
 * host (RFC 9110 §7.4, RFC 9113 §9.1.1).
 */
const coverage = `${covers}
function envoy_on_request(handle)
  local headers = handle:headers()
  local host = headers:get(':authority'):lower():gsub(':%d*$', ''):gsub('%.$', '')
  if headers:get('${SERVER_NAME_HEADER}') == '${serverNamed('')}' .. host or covered(handle, host) then
    headers:replace('${SERVER_NAME_HEADER}', '${COVERED}')
    handle:clearRouteCache()
  end
end
`;

/**
 * The same, but the server name of the connection must also belong to the server of the host: the most specific host
 * that covers the server name is one of the route's `own`, and not one of its `other`. A client without a server name
 * counts as one for `*`.
 */
const sameServer = `${covers}
local function specificity(patterns, name)
  local most = -1
  for _, pattern in ipairs(patterns) do
    local rest = pattern:match('^%*(.*)$')
    if pattern == name then return math.huge end
    if rest and #name > #rest and name:sub(#name - #rest + 1) == rest then most = math.max(most, #rest) end
  end
  return most
end
function envoy_on_request(handle)
  local headers = handle:headers()
  local host = headers:get(':authority'):lower():gsub(':%d*$', ''):gsub('%.$', '')
  local name = headers:get('${SERVER_NAME_HEADER}'):sub(#'${serverNamed('')}' + 1)
  if name == '' then name = '*' end
  local context = handle:filterContext()
  local own = specificity(context:get('own'), name)
  local isSame = own > -1 and own > specificity(context:get('other'), name)
  if name == host or (isSame and covered(handle, host)) then
    headers:replace('${SERVER_NAME_HEADER}', '${COVERED}')
    handle:clearRouteCache()
  end
end
`;

/** Lets a request pass if its host is the server name of its connection. */
const ownName = `
function envoy_on_request(handle)
  local headers = handle:headers()
  local host = headers:get(':authority'):lower():gsub(':%d*$', ''):gsub('%.$', '')
  if headers:get('${SERVER_NAME_HEADER}') == '${ownServerNamed('')}' .. host then
    headers:replace('${SERVER_NAME_HEADER}', '${COVERED}')
    handle:clearRouteCache()
  end
end
`;

/** The name of the filter that runs the scripts for connections. */
export const CONNECTION = 'examine-connection';
const PATH = 'examine-path';

const inline = (inlineString: string) => ({ specifier: { $case: 'inlineString' as const, value: inlineString } });

const script = (name: string, sources: Record<string, string>): HttpFilter =>
  filter(
    name,
    'envoy.extensions.filters.http.lua.v3.Lua',
    Lua,
    Lua.fromPartial({
      sourceCodes: Object.fromEntries(Object.entries(sources).map(([key, source]) => [key, inline(source)])),
    }),
  );

/**
 * What the built-in routes compare with the host of a request: the certificate of its connection, or the server name.
 */
export type Connections = 'without TLS' | 'by certificate' | 'by server name';

const onConnections: Readonly<Record<Connections, readonly HttpFilter[]>> = {
  'without TLS': [],
  'by certificate': [script(CONNECTION, { coverage, 'same-server': sameServer })],
  'by server name': [script(CONNECTION, { 'own-name': ownName })],
};
const onPaths = script(PATH, { 'one-slash': oneSlash, redirect });

/** Returns the filters that run the scripts, in the order of the chain. */
export const examination = (connections: Connections): HttpFilter[] => [
  ...onConnections[connections], // first: a misdirected request learns nothing of the host's paths
  onPaths,
];

const perRoute = (override: LuaPerRoute['override'], filterContext?: LuaPerRoute['filterContext']) =>
  pack(
    'envoy.extensions.filters.http.lua.v3.LuaPerRoute',
    LuaPerRoute,
    LuaPerRoute.fromPartial({ override, ...(filterContext && { filterContext }) }),
  );
const idle = perRoute({ $case: 'disabled', value: true });

/**
 * The settings of built-in routes. The route for connections enables the other script too, because its request may then
 * match a built-in route for paths.
 */
export const examine = {
  connection: { [CONNECTION]: perRoute({ $case: 'name', value: 'coverage' }), [PATH]: idle },
  sameServer: (names: ServerNames) => ({
    [CONNECTION]: perRoute({ $case: 'name', value: 'same-server' }, { ...names }),
    [PATH]: idle,
  }),
  ownName: { [CONNECTION]: perRoute({ $case: 'name', value: 'own-name' }), [PATH]: idle },
  /** The script for challenges is a filter that also runs before the host is loaded. */
  challenge: { ...created([LOADING]), [PATH]: idle },
  slashes: { [PATH]: perRoute({ $case: 'name', value: 'one-slash' }) },
  escapedSlashes: { [PATH]: perRoute({ $case: 'name', value: 'redirect' }) },
};
