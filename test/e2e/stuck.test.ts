import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SCOPE_HEADER } from '../../dataplane/compile/index.ts';
import type { RunningEnvoy } from '../envoy/run.ts';
import { Backend } from './backend.ts';
import { saying, simple } from './configuration.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

const CHANGES = 200;
const LONG = 'x'.repeat(2000);

let stack: Stack;
let backend: Backend;
let second: RunningEnvoy | undefined;
let visits: Agent;

beforeEach(async () => {
  [stack, backend] = await Promise.all([Stack.start(), Backend.start('app')]);
  await stack.createTenant('warm');
  await stack.publish('warm', 'configuration', simple('warm.test', backend));
  // A connection stays with the Envoy that took it, however many come to share the port.
  visits = new Agent({ keepAlive: true, maxSockets: 1 });
  await visit('warm.test');
});

afterEach(async () => {
  visits.destroy();
  second?.kill('SIGCONT');
  await second?.stop();
  await Promise.all([stack?.stop(), backend?.stop()]);
});

const visit = (host: string) =>
  get({ host: '127.0.0.1', port: stack.httpPort, agent: visits, headers: { host }, timeout: 15_000 });

function get(options: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = request(options, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve(body));
    });
    asked.on('error', reject);
    asked.end();
  });
}

const change = (text: string) =>
  stack.call('/tenants/warm/routes/app', { method: 'PUT', body: saying('warm.test', text) });

const live = async () => {
  const { body } = await stack.call(`/fleets/${stack.fleet}/nodes`);
  return Object.fromEntries(body.items.map(({ name, live }: { name: string; live: number }) => [name, live]));
};

it('a stopped Envoy delays no other, and gets only the current state once it continues', async () => {
  const folder = join(stack.folder, 'second');
  second = await stack.runEnvoy('envoy-2', folder);
  const through = (path: string) =>
    get({
      socketPath: join(folder, 'probe.sock'),
      path,
      headers: { host: 'warm.test', [SCOPE_HEADER]: '80|warm.test' },
    });
  expect(JSON.parse(await through('/')).name).toBe('app');
  await stack.publish('warm', 'routes/app', saying('warm.test', 'before'));
  const before = await received(second);

  second.kill('SIGSTOP');
  for (let index = 1; index <= CHANGES; index++) await change(`${LONG}${index}`);
  await until('the last change, through the other', async () => (await visit('warm.test')) === `${LONG}${CHANGES}`);
  await stack.createTenant('new');
  await stack.call('/tenants/new/configuration', { method: 'PUT', body: simple('new.test', backend) });
  await until('a new host, through the other', async () => (await visit('new.test')).includes('"app"'));
  await until('its cursor to go on while the other stands', async () => {
    const { 'envoy-1': moving, 'envoy-2': standing } = await live();
    return moving > standing + CHANGES;
  });

  second.kill('SIGCONT');
  await stack.publish('warm', 'routes/app', saying('warm.test', 'after'));
  expect(await through('/')).toBe('after');
  expect((await received(second)) - before).toBeLessThan((CHANGES * LONG.length) / 10);
});

/** Returns the number of bytes that this Envoy received from its agent. */
async function received(envoy: RunningEnvoy): Promise<number> {
  const { body } = await envoy.admin('/stats?filter=cluster.xds.upstream_cx_rx_bytes_total');
  return Number(/: (\d+)/.exec(body)?.[1]);
}
