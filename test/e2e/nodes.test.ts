/** Draining a real Envoy with requests in flight, and two Envoys with one name. */
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { connect } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SCOPE_HEADER } from '../../dataplane/compile/index.ts';
import { bootstrap } from '../../dataplane/envoy/bootstrap.ts';
import { findEnvoy } from '../../dataplane/envoy/find.ts';
import { type RunningEnvoy, runEnvoy } from '../envoy/run.ts';
import { saying, simple } from './configuration.ts';
import { Process, until } from './process.ts';
import { Stack } from './stack.ts';
import { http } from './unix.ts';

let stack: Stack;
let application: Server;
let edge: RunningEnvoy;
/** The responses that the application holds back, by path. */
const held = new Map<string, ServerResponse>();

beforeAll(async () => {
  application = createServer((asked, response) => {
    if (asked.url!.startsWith('/slow')) held.set(asked.url!, response);
    else response.end('at once');
  });
  await new Promise<void>((resolve) => application.listen(0, '127.0.0.1', resolve));
  stack = await Stack.start({ envoy: false, apiEnv: { GATEHOUSE_NODE_TIMEOUT: '8000' } });
  edge = await start('edge-1', 'edge');
  await stack.createTenant('a');
  const { port } = application.address() as AddressInfo;
  const configuration = simple('a.test', { port: 80, name: 'app' } as never);
  await stack.publish('a', 'configuration', {
    ...configuration,
    upstreams: { app: { port, endpoints: [{ address: '127.0.0.1' }] } },
  });
});
afterAll(async () => {
  application?.closeAllConnections();
  application?.close();
  await edge?.stop();
  await stack?.stop();
});

/** Starts an Envoy of the fleet that answers load balancers. */
async function start(node: string, folder: string, xds = 'xds.sock', isDrained = false): Promise<RunningEnvoy> {
  const at = join(stack.folder, folder);
  const config = bootstrap({
    node: { id: node, cluster: stack.fleet },
    xds: { path: join(stack.folder, xds) },
    admin: { path: join(at, 'admin.sock') },
    ready: { path: join(at, 'ready.sock') },
    probe: join(at, 'probe.sock'),
    concurrency: 2,
  });
  // `/ready` of the admin interface never answers 200 while an Envoy is drained.
  return runEnvoy({ binary: await findEnvoy({}), config, folder: at, readyTimeout: isDrained ? 0 : 30_000 });
}
/** Requests the host through one Envoy's probe listener. An Envoy acknowledges changes of hosts that it has loaded. */
const loaded = (folder: string) =>
  new Promise<void>((resolve, reject) => {
    const headers = { host: 'a.test', [SCOPE_HEADER]: '80|a.test' };
    const asked = request({ socketPath: join(stack.folder, folder, 'probe.sock'), path: '/', headers });
    asked.on('response', (response) => response.resume().on('end', resolve));
    asked.on('error', reject).end();
  });
const ready = async () => (await http(join(stack.folder, 'edge/ready.sock'), '/ready')).status;

function get(path: string, agent: Agent | false = false): Promise<{ status: number; body: string; close: boolean }> {
  const options = { port: stack.httpPort, host: '127.0.0.1', path, agent, headers: { host: 'a.test' } };
  return new Promise((resolve, reject) => {
    const own = new Agent({ keepAlive: true });
    const asked = request({ ...options, agent: agent || own }, take);
    function take(response: IncomingMessage) {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      const { statusCode: status = 0, headers } = response;
      response.on('end', () => {
        own.destroy();
        resolve({ status, body, close: headers.connection === 'close' });
      });
    }
    asked.on('error', reject).end();
  });
}
const drain = async (drained: boolean) =>
  expect((await stack.call(`/fleets/${stack.fleet}/nodes/edge-1`, { method: 'PATCH', body: { drained } })).status).toBe(
    200,
  );
const listed = async (name: string) =>
  (await stack.call(`/fleets/${stack.fleet}/nodes`)).body.items.find((node: { name: string }) => node.name === name);
const stateIs = (state: string) => until(state, async () => (await listed('edge-1')).drain?.state === state);

it('a drained Envoy sends visitors and load balancers away, finishes requests, and serves again', async () => {
  expect([await ready(), (await get('/')).close]).toEqual([200, false]);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const slow = get('/slow/1', agent);
  const session = connect(`http://127.0.0.1:${stack.httpPort}`);
  const goaway = new Promise((resolve) => session.once('goaway', resolve));
  const stream = session.request({ ':path': '/slow/2', ':authority': 'a.test' });
  let streamed = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (streamed += chunk));
  const ended = new Promise((resolve) => stream.once('end', resolve));
  await until('requests in flight', () => held.size === 2);

  await drain(true);
  await until('no more visitors', async () => (await ready()) === 503);
  await stateIs('draining');
  expect((await listed('edge-1')).drain.connections).toBeGreaterThanOrEqual(2);
  // Who comes nevertheless is served, and asked to connect elsewhere.
  expect(await get('/')).toEqual({ status: 200, body: 'at once', close: true });
  held.get('/slow/1')!.end('finished');
  held.get('/slow/2')!.end('finished too');
  expect(await slow).toEqual({ status: 200, body: 'finished', close: true });
  await Promise.all([ended, goaway]);
  expect(streamed).toBe('finished too');
  await stateIs('drained');
  expect((await listed('edge-1')).drain.connections).toBe(0);

  await drain(false);
  await until('visitors', async () => (await ready()) === 200);
  expect(await get('/')).toMatchObject({ status: 200, close: false });
  expect(await listed('edge-1')).not.toHaveProperty('drain');
});

it('a drain survives every restart: of the Envoy and the agent without the API, and of the API', async () => {
  await drain(true);
  await until('the drain', async () => (await ready()) === 503);
  await stack.api.stop('SIGKILL');
  await stack.agent.stop('SIGKILL');
  await edge.stop();
  await stack.startAgent();
  edge = await start('edge-1', 'edge', 'xds.sock', true);
  await until('the drain', async () => (await ready()) === 503);
  await stack.startApi();
  await stateIs('drained');
  expect(await ready()).toBe(503);
  // Nobody waits for it: it is stopped, and another one serves.
  const other = await start('edge-2', 'other');
  try {
    await until('the other', async () => (await listed('edge-2'))?.connected);
    edge.kill('SIGSTOP');
    await stack.publish('a', 'routes/app', saying('a.test', 'of the other'));
    edge.kill('SIGCONT');
    // The drain ends while the agent is away.
    await stack.agent.stop('SIGKILL');
    await drain(false);
    expect(await ready()).toBe(503);
    await stack.startAgent();
    await until('visitors', async () => (await ready()) === 200);
  } finally {
    edge.kill('SIGCONT');
    await other.stop();
  }
});

it('two Envoys with one name are listed as such, and only what both serve is live', async () => {
  await until('the end of the other', async () => !(await listed('edge-2')).connected);
  const { body } = await stack.call(`/fleets/${stack.fleet}/tokens`, { method: 'POST', body: {} });
  const second = new Process('dataplane/main.ts', {
    GATEHOUSE_API: stack.apiUrl,
    GATEHOUSE_AGENT_TOKEN: body.token,
    GATEHOUSE_FLEET: stack.fleet,
    GATEHOUSE_DATA: join(stack.folder, 'second'),
    GATEHOUSE_XDS: `unix:${join(stack.folder, 'second.sock')}`,
    GATEHOUSE_HEALTH: `unix:${join(stack.folder, 'second.health')}`,
    GATEHOUSE_AGENT: 'agent-2',
  });
  second.start();
  await until('the agent', async () => (await http(join(stack.folder, 'second.health'), '/readyz')).status === 200);
  const twin = await start('edge-1', 'twin', 'second.sock');
  try {
    const contested = await until('both', async () => (await listed('edge-1')).contestedBy);
    expect(contested).toContain('agent-2');
    expect(contested).toHaveLength(2);
    await loaded('twin');
    twin.kill('SIGSTOP');
    const late = await stack.call('/tenants/a/routes/app', {
      method: 'PUT',
      body: saying('a.test', 'of one of them'),
      headers: { prefer: 'wait=3' },
    });
    expect([late.status, late.headers.get('gatehouse-status')]).toEqual([202, 'pending']);
    const status = async () =>
      (await stack.call(`/tenants/a/revisions/${late.headers.get('gatehouse-revision')}/status`)).body;
    expect((await status()).fleets[0].reason).toContain('edge-1 (two Envoys have this name)');
    twin.kill('SIGCONT');
    await until('both serve it', async () => (await status()).state === 'live');
    expect((await status()).fleets[0].nodes[0]).toMatchObject({ node: 'edge-1', contested: true });
    twin.kill('SIGSTOP');
    const again = await stack.call('/tenants/a/routes/app', { method: 'PUT', body: saying('a.test', 'of one') });
    twin.kill('SIGKILL');
    const revision = again.headers.get('gatehouse-revision');
    await until(
      'the one that remains',
      async () => (await stack.call(`/tenants/a/revisions/${revision}/status`)).body.state === 'live',
      30_000,
    );
  } finally {
    twin.kill('SIGKILL');
    await second.stop();
  }
  // On one agent, both are connected to it.
  const third = await start('edge-1', 'third');
  await until('a line in the log', () => stack.agent.output.includes('another xDS client has the same node name'));
  await third.stop();
});
