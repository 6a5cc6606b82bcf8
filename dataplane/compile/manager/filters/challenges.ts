import { CHALLENGE_LIST_AGE } from '../../../../wire/challenges.ts';
import { AGENT_CLUSTER, OPEN_CHALLENGES } from '../../../envoy/agent-cluster.ts';
import { Lua } from '../../../envoy/gen/envoy/extensions/filters/http/lua/v3/lua.ts';
import { filter } from '../../values/filter.ts';

/** The path below which a certificate authority requests its token (RFC 8555 §8.3). */
export const CHALLENGE_PREFIX = '/.well-known/acme-challenge/';

/** The dynamic metadata with which the script says that the request is not one of the platform's authority. */
export const PASSED = { filter: 'gatehouse', key: 'challenge' };

/** The largest number of questions per {@link CHALLENGE_LIST_AGE} and worker thread, until one is answered. */
const MOST_QUESTIONS = 20;

/**
 * Finds the answer to a challenge in the list of all open ones, for which the script asks the agent over gRPC: a frame
 * has five bytes before its message (compressed, size). The list is short, because few orders are open at a time.
 * Anyone can make such requests, for any host, so the number of questions does not depend on the number of requests. If
 * the list has no answer, the request continues, so that an application can answer challenges of its own.
 */
const source = `
local answers, listed = {}, 0
local since, questions = 0, 0
local call = {
  [':method'] = 'POST',
  [':path'] = '${OPEN_CHALLENGES}',
  [':authority'] = 'agent',
  ['content-type'] = 'application/grpc',
  ['te'] = 'trailers',
}
local function is_recent(time, now) return time <= now and now - time < ${CHALLENGE_LIST_AGE} end
local function update(handle)
  local now = tonumber(handle:timestamp())
  if is_recent(listed, now) then return end
  if not is_recent(since, now) then since, questions = now, 0 end
  if questions == ${MOST_QUESTIONS} then return end
  questions = questions + 1
  local _, body = handle:httpCall('${AGENT_CLUSTER}', call, string.char(0, 0, 0, 0, 0), 1000)
  if body == nil or #body < 5 then return end
  answers, listed = {}, now
  for challenge, answer in body:sub(6):gmatch('([^ \\n]+ [^ \\n]+) ([^\\n]+)') do answers[challenge] = answer end
end
function envoy_on_request(handle)
  local headers = handle:headers()
  local path, method = headers:get(':path'), headers:get(':method')
  if path:sub(1, ${CHALLENGE_PREFIX.length}) ~= '${CHALLENGE_PREFIX}' then return end
  local host = headers:get(':authority'):lower():gsub(':%d*$', ''):gsub('%.$', '')
  local found = nil
  if method == 'GET' then
    update(handle) -- the headers cannot be read after it
    found = answers[host .. ' ' .. path:sub(${CHALLENGE_PREFIX.length + 1})]
  end
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
 * @param name the name of the filters that load a host: a host that Envoy knows creates this filter only for the
 *   built-in route of challenges
 */
export const challenges = (name: string) =>
  filter(
    name,
    'envoy.extensions.filters.http.lua.v3.Lua',
    Lua,
    Lua.fromPartial({ defaultSourceCode: { specifier: { $case: 'inlineString', value: source } } }),
  );
