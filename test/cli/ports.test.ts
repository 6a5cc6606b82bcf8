import { createServer, type Server } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import type { Failure } from '../../cli/process/failure.ts';
import { type Chosen, requireFree } from '../../cli/process/ports.ts';
import { notListening } from '../../wire/why-not-listening.ts';
import { freePorts } from '../e2e/stack.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});
const hold = (port: number) =>
  new Promise<void>((resolve) => {
    servers.push(createServer().listen(port, '127.0.0.1', () => resolve()));
  });
/** The command that repeats a start in the folder `mine`. */
const again = (chosen: Chosen) => ['up --data mine', ...[...chosen].map((flag) => flag.join(' '))].join(' ');
const refused = (...wanted: Parameters<typeof requireFree>[0]) =>
  requireFree(wanted, again).then(
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
    `Port ${first} (control API) is in use.`,
    `Port ${first + 1} (agent's health) is in use.`,
    expect.stringContaining(`: up --data mine --api-port ${first + 2} --agent-port ${first + 3}`),
  ]);
});

it('names the address when that is what cannot be opened, once', async () => {
  const host = '192.0.2.1';
  expect(
    await refused(
      { port: 21_862, use: 'HTTP', flag: '--http', host },
      { port: 21_863, use: 'HTTPS', flag: '--https', host },
    ),
  ).toEqual(['Choose an address of this machine: up --data mine --address 127.0.0.1']);
});

it('offers no port that is in use', async () => {
  const first = await freePorts(4);
  await Promise.all([hold(first), hold(first + 1), hold(first + 2)]);
  expect(await refused({ port: first, use: 'control API', flag: '--api-port' })).toEqual([
    `Port ${first} (control API) is in use.`,
    expect.stringContaining(`--api-port ${first + 3}`),
  ]);
});

it('offers one block for ports in a row, and names only the busy ones', async () => {
  const first = await freePorts(14);
  await Promise.all([hold(first + 2), hold(first + 7)]);
  expect(await refused({ port: first, count: 6, use: 'demo service', flag: '--demo-port' })).toEqual([
    `Port ${first + 2} (demo service) is in use.`,
    expect.stringContaining(`--demo-port ${first + 8}`),
  ]);
});

it('offers no port that the system gives to outgoing connections', async () => {
  await hold(32_767);
  const [, offered] = await refused({ port: 32_767, use: 'control API', flag: '--api-port' });
  expect(Number(/--api-port (\d+)/.exec(offered!)![1])).toBeLessThan(32_768);
  const own = await freePorts(1);
  await hold(own);
  const [, block] = await refused({ port: own, count: 3, suggestion: 65_530, use: 'demo', flag: '--demo-port' });
  expect(Number(/--demo-port (\d+)/.exec(block!)![1])).toBeLessThan(32_766);
});

it('offers no port that browsers refuse', async () => {
  await hold(6664);
  const [, offered] = await refused({ port: 6664, use: 'HTTP of Envoy', flag: '--http' });
  expect(Number(/--http (\d+)/.exec(offered!)![1])).toBeGreaterThan(6669);
});

it('a program that cannot listen says why, and which setting has the address', async () => {
  const port = await freePorts(1);
  await hold(port);
  const cause = await new Promise<Error>((resolve) => createServer().once('error', resolve).listen(port, '127.0.0.1'));
  expect(notListening(`127.0.0.1:${port}`, 'GATEHOUSE_LISTEN (--listen)', cause).message).toBe(
    `cannot listen on 127.0.0.1:${port}: another process uses this port. Choose another address with GATEHOUSE_LISTEN (--listen).`,
  );
});
