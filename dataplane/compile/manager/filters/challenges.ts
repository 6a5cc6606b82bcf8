import { AGENT_CLUSTER, ANSWER_CHALLENGE, MOST_TOKEN } from '../../../envoy/agent-cluster.ts';
import { Lua } from '../../../envoy/gen/envoy/extensions/filters/http/lua/v3/lua.ts';
import { filter } from '../../values/filter.ts';

/** The path below which a certificate authority requests its token (RFC 8555 §8.3). */
export const CHALLENGE_PREFIX = '/.well-known/acme-challenge/';

/** The dynamic metadata with which the script says that the request is not one of the platform's authority. */
export const PASSED = { filter: 'gatehouse', key: 'challenge' };

/** The largest number of questions per second and worker thread. Anyone can make such requests. */
const MOST_QUESTIONS = 200;

/**
 * Asks the agent for the answer to a challenge, over gRPC: a frame has five bytes before its message (compressed, size). If the agent knows
 * none, the request continues, so that an application can answer challenges of its own.
 */
const source = `
local second, questions = 0, 0
local function answer(handle, headers)
  local token = headers:get(':path'):match('^/%.well%-known/acme%-challenge/([%w_-]+)$')
  if token == nil or #token > ${MOST_TOKEN} or headers:get(':method') ~= 'GET' then return nil end
  local now = math.floor(handle:timestamp() / 1000)
  if now ~= second then second, questions = now, 0 end
  questions = questions + 1
  if questions > ${MOST_QUESTIONS} then return nil end
  local host = headers:get(':authority'):lower():gsub(':%d*$', ''):gsub('%.$', '')
  local question = host:sub(1, 253) .. ' ' .. token
  local frame = string.char(0, 0, 0, math.floor(#question / 256), #question % 256) .. question
  local call = {
    [':method'] = 'POST',
    [':path'] = '${ANSWER_CHALLENGE}',
    [':authority'] = 'agent',
    ['content-type'] = 'application/grpc',
    ['te'] = 'trailers',
  }
  local _, body = handle:httpCall('${AGENT_CLUSTER}', call, frame, 1000)
  if body == nil or #body < 6 then return nil end
  return body:sub(6)
end
function envoy_on_request(handle)
  local headers = handle:headers()
  if headers:get(':path'):sub(1, ${CHALLENGE_PREFIX.length}) ~= '${CHALLENGE_PREFIX}' then return end
  local found = answer(handle, headers)
  if found ~= nil then
    handle:respond({[':status'] = '200', ['content-type'] = 'application/octet-stream', ['server'] = 'gatehouse'}, found)
  else
    handle:streamInfo():dynamicMetadata():set('${PASSED.filter}', '${PASSED.key}', true)
    handle:clearRouteCache()
  end
end
`;

/**
 * Builds the filter that answers the challenges of certificate authorities. It answers for every host whose challenge
 * the agent knows, also if no route of the port has the host.
 *
 * @param name the name of the filters that load a host: a host that Envoy knows creates this filter only for the built-in route of challenges
 */
export const challenges = (name: string) =>
  filter(
    name,
    'envoy.extensions.filters.http.lua.v3.Lua',
    Lua,
    Lua.fromPartial({ defaultSourceCode: { specifier: { $case: 'inlineString', value: source } } }),
  );
