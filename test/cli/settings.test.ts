import { expect, it } from 'vitest';
import { readSettings } from '../../api/settings.ts';
import { agentSettings } from '../../dataplane/settings.ts';

it('names every missing setting of the agent with its option and an example', () => {
  expect(() => agentSettings({ GATEHOUSE_FLEET: 'edge' })).toThrow(
    [
      "the agent's settings are not usable:",
      '  GATEHOUSE_API (--api) is missing; for example http://127.0.0.1:8480',
      '  GATEHOUSE_AGENT_TOKEN is missing; for example the token that POST /v1/fleets/FLEET/tokens returned, or enrol with gatehouse agent enroll',
      '  GATEHOUSE_DATA (--data) is missing; for example .gatehouse/edge',
      '  GATEHOUSE_XDS (--xds) is missing; for example unix:/run/gatehouse/xds.sock',
      '  GATEHOUSE_HEALTH (--health) is missing; for example 127.0.0.1:8481',
    ].join('\n'),
  );
});

it.each([
  [{ GATEHOUSE_LISTEN: 'secret' }, 'GATEHOUSE_LISTEN (--listen) must be host:port, for example 127.0.0.1:8480'],
  [{ GATEHOUSE_STORE: 'secret' }, 'GATEHOUSE_STORE (--store) must be a store URL such as sqlite:'],
  [{ GATEHOUSE_OPERATOR_TOKEN: 'secret' }, 'GATEHOUSE_OPERATOR_TOKEN must have 16 to 256 characters, for example'],
  [{ GATEHOUSE_RATE_LIMIT: 'secret' }, 'GATEHOUSE_RATE_LIMIT must be a whole number, 0 or more; the default is 20000'],
  [{ GATEHOUSE_RETENTION: '3000000000' }, 'GATEHOUSE_RETENTION must be a whole number from 10 to 2147483647 (24 days)'],
  [{ GATEHOUSE_LOG_LEVEL: 'secret' }, 'GATEHOUSE_LOG_LEVEL must be one of fatal, error'],
])('says of the API setting %j what would be right, and not the value', (env, said) => {
  expect(() => readSettings(env)).toThrow(said);
  expect(() => readSettings(env)).toThrow(/^(?!.*secret)/s);
});

it.each([
  ['GATEHOUSE_HEALTH', 'GATEHOUSE_HEALTH (--health) must be host:port or unix:/path; for example 127.0.0.1:8481'],
  ['GATEHOUSE_API', 'GATEHOUSE_API (--api) must be an http or https URL; for example'],
  ['GATEHOUSE_HOST_IDLE', 'GATEHOUSE_HOST_IDLE must be a whole number of milliseconds, 1000 or more'],
  ['GATEHOUSE_SERVER_NAMES', 'GATEHOUSE_SERVER_NAMES must be a whole number, 1 or more; the default is 10000'],
  ['GATEHOUSE_AGENT_SEALING_KEY', 'GATEHOUSE_AGENT_SEALING_KEY must be the base64 of 32 bytes'],
])('says of the agent setting %s what would be right', (variable, said) => {
  expect(() => agentSettings({ [variable]: '?secret?' })).toThrow(said);
  expect(() => agentSettings({ [variable]: '?secret?' })).toThrow(/^(?!.*secret)/s);
});

it('rejects a sealing key of another length before the agent starts', () => {
  const short = Buffer.alloc(31).toString('base64');
  expect(() => agentSettings({ GATEHOUSE_AGENT_SEALING_KEY: short })).toThrow(
    'GATEHOUSE_AGENT_SEALING_KEY must be the base64 of 32 bytes',
  );
});
