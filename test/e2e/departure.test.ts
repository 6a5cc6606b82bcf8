import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { RunningEnvoy } from '../envoy/run.ts';
import { Backend } from './backend.ts';
import { saying, simple } from './configuration.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

let stack: Stack;
let backend: Backend;
let second: RunningEnvoy | undefined;

beforeEach(async () => {
  // A node that merely stops reporting would hold waiting requests for as long as this test may take.
  [stack, backend] = await Promise.all([
    Stack.start({ apiEnv: { GATEHOUSE_NODE_TIMEOUT: '600000' } }),
    Backend.start('app'),
  ]);
  await stack.createTenant('a');
  second = await stack.runEnvoy('envoy-2', join(stack.folder, 'second'));
  await stack.publish('a', 'configuration', simple('a.test', backend));
});
afterEach(async () => {
  second?.kill('SIGKILL');
  await Promise.all([stack?.stop(), backend?.stop()]);
});

const connected = async () => {
  const { body } = await stack.call(`/fleets/${stack.fleet}/nodes`);
  return Object.fromEntries(
    body.items.map((node: { name: string; connected: boolean }) => [node.name, node.connected]),
  );
};

it.each(['SIGTERM', 'SIGKILL'] as const)('no request waits for an Envoy that ended by %s', async (signal) => {
  expect(await connected()).toEqual({ 'envoy-1': true, 'envoy-2': true });
  second!.kill(signal);
  await second!.exited;
  await until('the report', async () => (await connected())['envoy-2'] === false);
  await stack.publish('a', 'routes/app', saying('a.test', 'without the second'));
  expect(await connected()).toEqual({ 'envoy-1': true, 'envoy-2': false });
});

it('the end of the last Envoy and of an agent is reported, and both are connected again after a restart', async () => {
  await second!.stop();
  await stack.envoy!.stop();
  await until('the reports', async () => !Object.values(await connected()).includes(true));
  await stack.startEnvoy();
  await until('the first', async () => (await connected())['envoy-1']);
  await stack.agent.stop('SIGTERM');
  expect(await connected()).toEqual({ 'envoy-1': false, 'envoy-2': false });
  await stack.startAgent();
  await until('the first', async () => (await connected())['envoy-1']);
  await stack.publish('a', 'routes/app', saying('a.test', 'again'));
});
