/** An agent and its Envoy in a network namespace of their own, in which only Envoy accepts connections. */
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bootstrap } from '../../dataplane/envoy/bootstrap.ts';
import { findEnvoy } from '../../dataplane/envoy/find.ts';
import { type RunningEnvoy, runEnvoy } from '../envoy/run.ts';
import { noNamespace } from '../postgres/namespace.ts';
import { Backend } from './backend.ts';
import { simple } from './configuration.ts';
import { Process, until } from './process.ts';
import { freePort, Stack } from './stack.ts';
import { http } from './unix.ts';

const run = promisify(execFile);
const shim = join(import.meta.dirname, '../../cli/gatehouse.mjs');
const id = process.pid % 60_000;
const [SPACE, NEAR, FAR] = [`gh-out-${id}`, `gho${id}a`, `gho${id}b`];
const [HERE, THERE] = [`10.198.${id % 250}.1`, `10.198.${id % 250}.2`];
const INSIDE = ['ip', 'netns', 'exec', SPACE];
const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] }).toString();
const inside = (...args: string[]) => ip('netns', 'exec', SPACE, ...args);

/** Makes the namespace. @returns why there is none here; undefined when there is one */
function namespace(): string | undefined {
  const missing = noNamespace();
  if (missing !== undefined) return missing;
  ip('netns', 'add', SPACE);
  try {
    ip('link', 'add', NEAR, 'type', 'veth', 'peer', 'name', FAR, 'netns', SPACE);
    ip('addr', 'add', `${HERE}/30`, 'dev', NEAR);
    ip('link', 'set', NEAR, 'up');
    ip('-n', SPACE, 'addr', 'add', `${THERE}/30`, 'dev', FAR);
    for (const device of ['lo', FAR]) ip('-n', SPACE, 'link', 'set', device, 'up');
    return undefined;
  } catch (error) {
    ip('netns', 'del', SPACE);
    return `no network between namespaces here: ${(error as Error).message.split('\n').join(' ')}`;
  }
}

/** Requests the host from Envoy. @returns the status */
const visit = () =>
  new Promise<number>((resolve, reject) => {
    const asked = request({ host: THERE, port, headers: { host: 'a.test' }, agent: false });
    asked.on('response', (response) => resolve(response.resume().statusCode ?? 0));
    asked.on('error', reject).end();
  });

const port = await freePort();
const missing = namespace();

describe.skipIf(missing !== undefined)(`an agent that nobody can call ${missing ?? ''}`, () => {
  let stack: Stack;
  let relay: Server;
  let backend: Backend;
  let agent: Process | undefined;
  let envoy: RunningEnvoy | undefined;
  beforeAll(async () => {
    [stack, backend] = await Promise.all([Stack.start({ envoy: false }), Backend.start('app', HERE)]);
    // The API, at an address that the namespace can call.
    const { port: target } = new URL(stack.apiUrl);
    relay = createServer((socket) => {
      const to = connect(Number(target), '127.0.0.1');
      socket.pipe(to).pipe(socket);
      for (const each of [socket, to]) each.on('error', () => [socket, to].map((both) => both.destroy()));
    });
    await new Promise<void>((resolve) => relay.listen(0, HERE, resolve));
  });
  afterAll(async () => {
    await envoy?.stop();
    await agent?.stop();
    relay?.close();
    await Promise.all([stack?.stop(), backend?.stop()]);
    ip('netns', 'del', SPACE);
  });

  it('enrols, serves, reports and is drained, and listens on unix sockets alone', async () => {
    const folder = join(stack.folder, 'branch');
    mkdirSync(folder);
    const created = await stack.call('/fleets', {
      method: 'POST',
      body: {
        ...{ name: 'branch', labels: { ingress: 'branch' }, address: '0.0.0.0', denyDestinations: [] },
        ports: [{ number: 80, bind: port, protocol: 'HTTP' }],
      },
    });
    expect(created.status).toBe(201);
    const { body } = await stack.call('/fleets/branch/enrolments', { method: 'POST', body: {} });
    const api = `http://${HERE}:${(relay.address() as { port: number }).port}`;
    const enroll = [process.execPath, shim, 'agent', 'enroll', '--api', api, '--data', join(folder, 'agent')];
    await run('ip', [...INSIDE.slice(1), ...enroll, '--name', 'branch-1'], {
      env: { PATH: process.env.PATH, GATEHOUSE_ENROLMENT_TOKEN: body.token },
    });
    const sockets = { xds: join(folder, 'xds.sock'), health: join(folder, 'health.sock') };
    agent = new Process(
      'dataplane/main.ts',
      {
        GATEHOUSE_DATA: join(folder, 'agent'),
        GATEHOUSE_XDS: `unix:${sockets.xds}`,
        GATEHOUSE_HEALTH: `unix:${sockets.health}`,
      },
      INSIDE,
    );
    agent.start();
    await until('the agent', async () => (await http(sockets.health, '/readyz')).status === 200);
    const binary = join(folder, 'envoy');
    writeFileSync(binary, `#!/bin/sh\nexec ${INSIDE.join(' ')} ${await findEnvoy({})} "$@"\n`);
    chmodSync(binary, 0o700);
    const config = bootstrap({
      node: { id: 'branch-1', cluster: 'branch' },
      xds: { path: sockets.xds },
      admin: { path: join(folder, 'admin.sock') },
      probe: join(folder, 'probe.sock'),
    });
    envoy = await runEnvoy({ binary, config, folder });
    await stack.createTenant('a');
    const upstreams = { app: { port: backend.port, endpoints: [{ address: HERE }] } };
    const configuration = simple('a.test', backend);
    configuration.gateways.web.selector.ingress = 'branch';
    await stack.publish('a', 'configuration', { ...configuration, upstreams });
    expect(await visit()).toBe(200);

    // Nobody can call the agent: the only socket that accepts connections is Envoy's, for visitors.
    const listening = inside('ss', '-Hltn').trim().split('\n');
    expect(listening.map((line) => line.trim().split(/\s+/)[3])).toEqual(
      listening.map(() => expect.stringMatching(new RegExp(`:${port}$`))),
    );

    const drained = await stack.call('/fleets/branch/nodes/branch-1', { method: 'PATCH', body: { drained: true } });
    expect(drained.status).toBe(200);
    await until('the drain', async () => {
      const { items } = (await stack.call('/fleets/branch/nodes')).body;
      return items[0].drain.state !== 'pending';
    });
  });
});
