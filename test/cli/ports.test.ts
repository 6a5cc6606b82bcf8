import { createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { Failure } from '../../cli/process/failure.ts';
import { requireFree } from '../../cli/process/ports.ts';
import { freePorts } from '../e2e/stack.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
const hold = (port: number) =>
  new Promise<void>((resolve) => {
    servers.push(createServer().listen(port, '127.0.0.1', () => resolve()));
  });
const refused = (...wanted: Parameters<typeof requireFree>[0]) =>
  requireFree(wanted).then(
    () => [],
    (failure: Failure) => failure.details,
  );

it('offers a port that this start does not need, and none twice', async () => {
  const first = await freePorts(4);
  await Promise.all([hold(first), hold(first + 1)]);
  expect(
    await refused(
      { port: first, use: 'control API', flag: '--api-port' },
      { port: first + 1, use: "agent's health", flag: '--agent-port' },
    ),
  ).toEqual([
    expect.stringContaining(`npx gatehouse up --api-port ${first + 2}`),
    expect.stringContaining(`npx gatehouse up --agent-port ${first + 3}`),
  ]);
});

it('names the address when that is what cannot be opened, once', async () => {
  const host = '192.0.2.1';
  expect(
    await refused(
      { port: 21_862, use: 'HTTP', flag: '--http', host },
      { port: 21_863, use: 'HTTPS', flag: '--https', host },
    ),
  ).toEqual([expect.stringMatching(/^The address 192\.0\.2\.1 cannot be opened .*--address 127\.0\.0\.1$/)]);
});

it('offers no port that is in use', async () => {
  const first = await freePorts(4);
  await Promise.all([hold(first), hold(first + 1), hold(first + 2)]);
  expect(await refused({ port: first, use: 'control API', flag: '--api-port' })).toEqual([
    expect.stringContaining(`npx gatehouse up --api-port ${first + 3}`),
  ]);
});
