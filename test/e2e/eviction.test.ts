import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Authority } from './authority.ts';
import { Backend } from './backend.ts';
import { saying, simple } from './configuration.ts';
import { http } from './edge.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';
import { http as unix } from './unix.ts';

const IDLE_MS = 1000;
const SERVER_NAMES = 40;

let stack: Stack;
let backend: Backend;
/** Requests that wait for their answers. */
const waiting: ServerResponse[] = [];
const patient = createServer((_request, response) => void waiting.push(response));

beforeAll(async () => {
  await new Promise<void>((resolve) => patient.listen(0, '127.0.0.1', resolve));
  [stack, backend] = await Promise.all([
    Stack.start({ agentEnv: { GATEHOUSE_HOST_IDLE: String(IDLE_MS), GATEHOUSE_SERVER_NAMES: String(SERVER_NAMES) } }),
    Backend.start('one'),
  ]);
  for (const tenant of ['idle', 'busy']) {
    await stack.createTenant(tenant);
    await stack.publish(tenant, 'configuration', simple(`${tenant}.test`, backend));
  }
  await stack.createTenant('slow');
  const { port } = patient.address() as AddressInfo;
  await stack.publish('slow', 'configuration', {
    ...simple('slow.test', backend),
    upstreams: { app: { port, endpoints: [{ address: '127.0.0.1' }] } },
  });
});

afterAll(async () => {
  patient.closeAllConnections();
  patient.close();
  await Promise.all([stack?.stop(), backend?.stop()]);
});

const visit = (host: string) => http({ port: stack.httpPort, host });

/** What Envoy itself says it holds. */
async function clusters(): Promise<string[]> {
  const { body } = await unix(join(stack.folder, 'admin.sock'), '/clusters?format=json');
  return (JSON.parse(body).cluster_statuses as { name: string }[]).map(({ name }) => name);
}

const gone = (cluster: string) => until(`${cluster} gone`, async () => !(await clusters()).includes(cluster));

it('an idle host is evicted, no other host is, and no request fails', async () => {
  expect((await visit('idle.test')).status).toBe(200);
  const statuses = new Set<number>();
  let over = false;
  const busy = (async () => {
    while (!over) {
      statuses.add((await visit('busy.test')).status);
      await pause(20);
    }
  })();
  await gone('idle/app');
  expect(await clusters()).toContain('busy/app');
  over = true;
  await busy;
  expect([...statuses]).toEqual([200]);
});

it('the next request loads the host again, in its current version', async () => {
  await gone('idle/app');
  await stack.publish('idle', 'routes/app', saying('idle.test', 'changed meanwhile'));
  expect(await visit('idle.test')).toMatchObject({ status: 200, body: 'changed meanwhile' });
  await stack.publish('idle', 'configuration', simple('idle.test', backend));
  expect(JSON.parse((await visit('idle.test')).body)).toMatchObject({ name: 'one' });
});

it('the host is evicted a second and a third time', async () => {
  for (let time = 0; time < 2; time++) {
    await gone('idle/app');
    expect((await visit('idle.test')).status).toBe(200);
    expect(await clusters()).toContain('idle/app');
  }
});

it('a host with a request in progress is not evicted', async () => {
  const answer = visit('slow.test');
  await until('the request', () => waiting.length > 0);
  await pause(4 * IDLE_MS);
  expect(await clusters()).toContain('slow/app');
  waiting.pop()!.end('at last');
  expect(await answer).toMatchObject({ status: 200, body: 'at last' });
  await gone('slow/app');
});

it('eviction continues after a restart of the agent, and a deleted host is removed', async () => {
  await gone('idle/app');
  await stack.agent.stop();
  await stack.startAgent();
  expect((await visit('idle.test')).status).toBe(200);
  await stack.publish('idle', 'routes/app', saying('idle.test', 'new'));
  expect(await visit('idle.test')).toMatchObject({ status: 200, body: 'new' });
  await stack.publish('idle', 'configuration', {});
  expect((await visit('idle.test')).status).toBe(404);
});

/** The names of the certificates that Envoy itself says it holds. */
async function certificates(): Promise<string[]> {
  const { body } = await unix(join(stack.folder, 'admin.sock'), '/config_dump?resource=dynamic_active_secrets');
  return ((JSON.parse(body).configs ?? []) as { name: string }[]).map(({ name }) => name);
}

/** Makes a TLS connection. @returns the serial number of the certificate */
const shake = (servername: string) =>
  new Promise<string>((resolve, reject) => {
    const socket = connect({ port: stack.httpsPort, host: '127.0.0.1', servername, rejectUnauthorized: false });
    socket.on('secureConnect', () => resolve(socket.getPeerX509Certificate()!.serialNumber)).on('error', reject);
    socket.on('secureConnect', () => socket.end());
  });

it('clients cannot make Envoy keep more certificates than the limit, and every handshake succeeds', async () => {
  const authority = await Authority.create();
  const issue = () => authority.issue('own.wild.test', '*.wild.test');
  await stack.createTenant('wild');
  const configuration = simple('*.wild.test', backend, { https: 'own' });
  configuration.gateways.web.servers.at(-1)!.hosts.push('own.wild.test');
  await stack.publish('wild', 'configuration', { ...configuration, certificates: { own: await issue() } });
  const held = () =>
    until('the limit', async () => (await certificates()).length <= SERVER_NAMES + 1 && certificates());

  const serial = await shake('own.wild.test');
  const open = connect({ port: stack.httpsPort, host: '127.0.0.1', servername: 'x0.wild.test', ca: authority.pem });
  const closed = new Promise<string>((resolve) => open.on('close', () => resolve('closed')));
  const below = Array.from({ length: 150 }, (_, index) => `x${index}.wild.test`);
  const spelled = Array.from({ length: 150 }, (_, index) =>
    [...'own.wild.test'].map((letter, at) => (((index + 1) >> at) & 1 ? letter.toUpperCase() : letter)).join(''),
  );
  const names = [...below, ...spelled];
  while (names.length > 0)
    expect(new Set(await Promise.all(names.splice(0, 20).map(shake)))).toEqual(new Set([serial]));
  expect(await held()).toContain('own.wild.test');

  open.write('GET / HTTP/1.1\r\nhost: x0.wild.test\r\nconnection: close\r\n\r\n');
  expect(
    await Promise.race([closed, new Promise((resolve) => open.once('data', (data) => resolve(String(data))))]),
  ).toMatch('HTTP/1.1 200');

  await stack.publish('wild', 'certificates/own', await issue());
  const renewed = await shake('own.wild.test');
  expect(renewed).not.toBe(serial);
  expect(new Set(await Promise.all([below[0]!, below.at(-1)!, spelled.at(-1)!].map(shake)))).toEqual(
    new Set([renewed]),
  );
  await held();
});
