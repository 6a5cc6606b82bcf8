import { randomBytes } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Backend } from './backend.ts';
import { saying, simple, upstream } from './configuration.ts';
import { http } from './edge.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

let stack: Stack;
let backend: Backend;

beforeEach(async () => {
  [stack, backend] = await Promise.all([Stack.start(), Backend.start('app')]);
  for (const name of ['warm', 'cold']) {
    await stack.createTenant(name);
    await stack.publish(name, 'configuration', simple(`${name}.test`, backend));
  }
  expect(await status('warm.test')).toBe(200);
});

afterEach(async () => {
  await Promise.all([stack?.stop(), backend?.stop()]);
});

const ask = (host: string) => http({ port: stack.httpPort, host });
const status = async (host: string) => (await ask(host)).status;
const body = async (host: string) => (await ask(host)).body;
const say = (tenant: string, text: string) => stack.publish(tenant, 'routes/app', saying(`${tenant}.test`, text));

describe('an agent without the API', () => {
  it('serves all hosts that were live, cold ones too, even after a restart', async () => {
    await stack.api.stop('SIGKILL');
    expect(await status('warm.test')).toBe(200);
    expect(await status('cold.test')).toBe(200);
    await stack.agent.stop('SIGKILL');
    expect(await status('warm.test')).toBe(200);
    await stack.startAgent();
    await stack.envoy!.stop();
    await stack.startEnvoy();
    await until('a cold start of all without the API', async () => (await status('cold.test')) === 200);
    await stack.startApi();
    await say('warm', 'the API is back');
    expect(await body('warm.test')).toBe('the API is back');
  });
});

describe('an agent whose token is revoked', () => {
  it('gets no more changes, logs the reason, and continues to serve its configuration', async () => {
    const { items } = (await stack.call(`/fleets/${stack.fleet}/tokens`)).body;
    await stack.call(`/fleets/${stack.fleet}/tokens/${items[0].id}`, { method: 'DELETE' });
    await until('the end of its feed', async () => (await stack.agentAnswers('/state'))?.includes('"away"'));
    await until('the log', () => stack.agent.output.includes('the API rejects this agent'));
    // It still has a configuration to serve.
    expect(JSON.parse((await stack.agentAnswers('/readyz'))!)).toEqual({
      status: 'ready',
      reason: expect.stringContaining('its token is unknown, revoked or expired'),
    });
    await stack.call('/tenants/cold/routes/app', { method: 'PUT', body: saying('cold.test', 'unheard of') });
    expect(JSON.parse(await body('cold.test')).name).toBe('app');
    await stack.agent.stop();
    await stack.startAgent();
    expect(JSON.parse(await body('warm.test')).name).toBe('app');
  });
});

describe('an agent that is killed', () => {
  it('sends its Envoy the missed changes of routes and of upstreams after a restart', async () => {
    const http2 = { ...upstream(backend), protocol: 'HTTP2' };
    await stack.publish('cold', 'upstreams/app', http2);
    expect(await status('cold.test')).toBe(502);
    await stack.agent.stop('SIGKILL');
    const missed = await stack.call('/tenants/warm/routes/app', { method: 'PUT', body: saying('warm.test', 'missed') });
    expect(missed.status).toBe(200);
    await stack.call('/tenants/cold/upstreams/app', { method: 'PUT', body: upstream(backend) });
    expect(JSON.parse(await body('warm.test')).name).toBe('app');
    // The agent has everything before Envoy is back.
    stack.envoy!.kill('SIGSTOP');
    await stack.startAgent();
    await until('the feed', async () => JSON.parse((await stack.agentAnswers('/state'))!).feed === 'connected');
    stack.envoy!.kill('SIGCONT');
    await until('what was missed', async () => (await body('warm.test')) === 'missed');
    await until('the upstream', async () => (await status('cold.test')) === 200);
    await say('cold', 'and on');
    expect(await body('cold.test')).toBe('and on');
  });
});

describe('an Envoy that is killed', () => {
  it('serves everything again after a restart', async () => {
    stack.envoy!.kill('SIGKILL');
    await stack.envoy!.exited;
    await stack.startEnvoy();
    await until('the first host', async () => (await status('warm.test')) === 200);
    expect(await status('cold.test')).toBe(200);
    await say('warm', 'again');
    expect(await body('warm.test')).toBe('again');
  });
});

describe('an API that is killed in the middle of writes', () => {
  it('loses no acknowledged write, applies no write partially, and acknowledged writes become live', async () => {
    const acknowledged: string[] = [];
    let stopped = false;
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      const name = `w${writer}`;
      await stack.createTenant(name);
      await stack.publish(name, 'configuration', simple(`${name}.test`, backend));
      for (let n = 0; n < 400 && !stopped; n++) {
        const pair = {
          message: `${n}`,
          puts: ['a', 'b'].map((half) => ({ kind: 'route', name: half, spec: saying(`${name}.test`, `${n}`) })),
        };
        const reply = await stack
          .call(`/tenants/${name}/revisions`, { method: 'POST', body: pair })
          .catch(() => undefined);
        if (reply?.status === 201) acknowledged[writer] = `${n}`;
        else if (stopped) return;
      }
    });
    await until('some writes', () => acknowledged.filter((n) => Number(n) > 3).length === 8);
    await stack.api.stop('SIGKILL');
    stopped = true;
    await Promise.all(writers);
    await stack.startApi();
    for (let writer = 0; writer < 8; writer++) {
      const { body: found } = await stack.call(`/tenants/w${writer}/configuration`);
      const [a, b] = ['a', 'b'].map((half) => found.routes[half].http[0].directResponse.body);
      expect(a).toBe(b);
      expect(Number(a)).toBeGreaterThanOrEqual(Number(acknowledged[writer]));
    }
    await say('warm', 'after the kill');
    expect(await body('warm.test')).toBe('after the kill');
  });
});

describe('a replica that was damaged', () => {
  it.each([
    { how: 'cut short', damage: () => truncateSync(stack.replica, 8192) },
    {
      how: 'overwritten',
      damage: () => {
        const bytes = readFileSync(stack.replica);
        randomBytes(12_288).copy(bytes, 4096);
        writeFileSync(stack.replica, bytes);
      },
    },
  ])('$how: is rebuilt from the API with a line in the log, while Envoy continues to serve', async ({ damage }) => {
    await stack.agent.stop();
    damage();
    await stack.startAgent();
    // The line arrives later, through a pipe.
    await until('the line in the log', () => stack.agent.output.includes('the replica is damaged'));
    expect(await status('warm.test')).toBe(200);
    await until('the cold host', async () => (await status('cold.test')) === 200);
    await say('warm', 'rebuilt');
    expect(await body('warm.test')).toBe('rebuilt');
  });
});
