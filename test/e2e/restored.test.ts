import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Backend } from './backend.ts';
import { saying, simple } from './configuration.ts';
import { http } from './edge.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

let stack: Stack;
let backend: Backend;

beforeEach(async () => {
  [stack, backend] = await Promise.all([Stack.start(), Backend.start('app')]);
  await stack.createTenant('a');
  await stack.publish('a', 'configuration', simple('a.test', backend));
});
afterEach(async () => {
  await Promise.all([stack?.stop(), backend?.stop()]);
});

/** The database's files, of an API that has stopped. */
const copy = (from: string, to: string) => {
  mkdirSync(to, { recursive: true });
  for (const file of ['api.sqlite', 'api.sqlite-wal', 'api.sqlite-shm']) {
    rmSync(join(to, file), { force: true });
    if (existsSync(join(from, file))) copyFileSync(join(from, file), join(to, file));
  }
};
const body = async () => (await http({ port: stack.httpPort, host: 'a.test' })).body;
const state = async () => JSON.parse((await stack.agentAnswers('/state'))!);
const snapshots = () => stack.agent.output.split('the snapshot is complete').length - 1;

it('after a database was restored to an earlier time, the agent gets one snapshot, and no status is wrong', async () => {
  const backup = join(stack.folder, 'backup');
  await stack.api.stop('SIGKILL');
  copy(stack.folder, backup);
  await stack.startApi();
  for (const text of ['1', '2', '3', '4', '5']) await stack.publish('a', 'routes/app', saying('a.test', text));
  expect(await body()).toBe('5');
  await stack.api.stop('SIGKILL');
  copy(backup, stack.folder);
  const before = snapshots();
  await stack.startApi();
  await until('what the backup holds', async () => (await body()).includes('"app"'));
  expect(snapshots()).toBe(before + 1);
  await until('its cursor', async () => (await state()).nodes[0].live === (await state()).cursor);
  await stack.api.stop();
  await stack.startApi();
  await until('the feed', async () => (await state()).feed === 'connected');
  expect(snapshots()).toBe(before + 1);
  await stack.publish('a', 'routes/app', saying('a.test', 'after the restore'));
  expect(await body()).toBe('after the restore');
});
