/** The configurations of docs/tasks/tcp-and-udp.md and docs/tasks/tls-passthrough.md, with a real PostgreSQL, a real Redis and a real DNS server behind it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Authority } from '../e2e/authority.ts';
import { until } from '../e2e/process.ts';
import { freePort, Stack } from '../e2e/stack.ts';
import { EmbeddedPostgres } from '../postgres/embedded.ts';

const run = promisify(execFile);
const page = ['tcp-and-udp', 'tls-passthrough']
  .map((name) => readFileSync(join(import.meta.dirname, `../../docs/tasks/${name}.md`), 'utf8'))
  .join('');
const json = (title: string) =>
  JSON.parse(new RegExp(`^\`\`\`json ${title}\n([\\s\\S]+?)^\`\`\``, 'm').exec(page)![1]!);

let stack: Stack;
/** PostgreSQL runs as its own user when the test runs as root, so the folder is open to all users. */
const databases = mkdtempSync(join(tmpdir(), 'gh-databases-'));
chmodSync(databases, 0o755);
let postgres: EmbeddedPostgres;
const children: ChildProcess[] = [];
/** The ports that Envoy opens, by the number and the protocol that the page names. */
const bind: Record<string, number> = {};
const behind = { orders: 0, cache: 0, resolver: 0 };

/** Whether a program is installed. CONTRIBUTING lists the Debian packages. */
const has = (program: string) =>
  run('sh', ['-c', `command -v ${program}`]).then(
    () => true,
    () => false,
  );
const installed = { redis: await has('redis-server'), dns: (await has('dnsmasq')) && (await has('dig')) };

beforeAll(async () => {
  stack = await Stack.start();
  for (const name of ['orders', 'cache', 'resolver'] as const) behind[name] = await freePort();
  postgres = new EmbeddedPostgres({
    databaseDir: join(databases, 'postgres'),
    port: behind.orders,
    user: 'orders',
    password: 'secret',
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    onLog: () => {},
    onError: () => {},
  });
  await postgres.initialise();
  await postgres.start();
  mkdirSync(join(databases, 'redis'));
  const redis = [
    '--port',
    String(behind.cache),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--dir',
    join(databases, 'redis'),
  ];
  if (installed.redis) children.push(spawn('redis-server', redis, { stdio: 'ignore' }));
  const dns = ['--no-daemon', '--no-resolv', '--no-hosts', '--conf-file=/dev/null', '--bind-interfaces', '--user=root'];
  const records = ['--listen-address=127.0.0.1', `--port=${behind.resolver}`, '--address=/orders.example/192.0.2.7'];
  if (installed.dns) children.push(spawn('dnsmasq', [...dns, ...records], { stdio: 'ignore' }));
  const { ports } = json('fleet');
  for (const port of ports) bind[`${port.protocol} ${port.number}`] = port.bind = await freePort();
  const patched = await stack.call(`/fleets/${stack.fleet}`, { method: 'PATCH', body: { ports } });
  expect(patched.status).toBe(200);
  await stack.createTenant('acme');
  const configuration = json('configuration');
  for (const [name, port] of Object.entries(behind))
    configuration.upstreams[name] = { port, endpoints: [{ address: '127.0.0.1' }] };
  await stack.publish('acme', 'configuration', configuration);
});
afterAll(async () => {
  for (const child of children) child.kill();
  await postgres?.stop();
  await stack?.stop();
  rmSync(databases, { recursive: true, force: true });
});

test('a real PostgreSQL answers its own client', async () => {
  const client = new pg.Client({
    ...{ host: '127.0.0.1', port: bind['POSTGRES 5432']!, user: 'orders', password: 'secret', database: 'postgres' },
  });
  await client.connect();
  await client.query('create table sold (item text)');
  await client.query("insert into sold values ('book'), ('pen')");
  expect((await client.query('select count(*)::int as count from sold')).rows).toEqual([{ count: 2 }]);
  await client.end();
});

test.runIf(installed.redis)('a real Redis answers its own client', async () => {
  const cli = (...command: string[]) => run('redis-cli', ['-p', String(bind['REDIS 6379']), ...command]);
  await until('Redis', async () => (await cli('ping')).stdout.trim() === 'PONG');
  await cli('set', 'greeting', 'hello');
  expect((await cli('get', 'greeting')).stdout.trim()).toBe('hello');
});

test.runIf(installed.dns)('a real DNS server answers dig, over UDP and over TCP on the same number', async () => {
  const dig = (port: number, ...more: string[]) =>
    run('dig', ['@127.0.0.1', '-p', String(port), '+short', '+tries=1', '+time=2', ...more, 'orders.example']);
  await until('the answer', async () => (await dig(bind['UDP 53']!)).stdout.trim() === '192.0.2.7');
  expect((await dig(bind['TCP 53']!, '+tcp')).stdout.trim()).toBe('192.0.2.7');
});

test('the certificate of the upstream reaches the client of a host that is passed through', async () => {
  const authority = await Authority.create();
  const { certificateChain: cert, privateKey: key } = await authority.issue('vault.example.com');
  const server = createServer({ cert, key }, (socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  const configuration = json('passthrough');
  const { port } = server.address() as AddressInfo;
  configuration.upstreams.vault = { port, endpoints: [{ address: '127.0.0.1' }] };
  const ports = [{ number: 443, bind: await freePort(), protocol: 'HTTPS' }, ...json('fleet').ports].map((each) => ({
    ...each,
    bind: bind[`${each.protocol} ${each.number}`] ?? each.bind,
  }));
  await stack.call(`/fleets/${stack.fleet}`, { method: 'PATCH', body: { ports } });
  await stack.createTenant('vault');
  await stack.publish('vault', 'configuration', configuration);
  const socket = connect({
    port: ports[0]!.bind,
    host: '127.0.0.1',
    servername: 'vault.example.com',
    ca: authority.pem,
  });
  await new Promise((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
  expect(socket.getPeerCertificate().subjectaltname).toBe('DNS:vault.example.com');
  socket.destroy();
  server.close();
});

test('a connection to a TLS server is decrypted and forwarded', async () => {
  const authority = await Authority.create();
  const broker = createTcpServer((socket) => socket.end('CONNACK'));
  await new Promise<void>((resolve) => broker.listen(0, '127.0.0.1', () => resolve()));
  const configuration = json('decrypted');
  configuration.upstreams.broker = {
    port: (broker.address() as AddressInfo).port,
    endpoints: [{ address: '127.0.0.1' }],
  };
  configuration.certificates = { mqtt: await authority.issue('mqtt.example.com') };
  const { body: fleet } = await stack.call(`/fleets/${stack.fleet}`);
  const tls = { number: 8883, bind: await freePort(), protocol: 'TLS' };
  await stack.call(`/fleets/${stack.fleet}`, { method: 'PATCH', body: { ports: [...fleet.ports, tls] } });
  await stack.createTenant('things');
  await stack.publish('things', 'configuration', configuration);
  const socket = connect({ port: tls.bind, host: '127.0.0.1', servername: 'mqtt.example.com', ca: authority.pem });
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toBe('CONNACK');
  socket.destroy();
  broker.close();
  const body = { port: 8883, scheme: 'https', authority: 'mqtt.example.com', fleet: stack.fleet };
  const explained = await stack.call('/tenants/things/explain', { method: 'POST', body });
  expect(explained.body).toMatchObject({
    outcome: 'forwarded',
    rule: { resource: 'routes/things', path: '/tcp/0' },
    connection: { tls: 'terminated', destinations: [{ upstream: 'broker', endpoints: 1 }] },
  });
});

test('a tenant gets a port without choosing it, which opens with the route and closes with it', async () => {
  const greeting = createTcpServer((socket) => socket.end('hello'));
  await new Promise<void>((resolve) => greeting.listen(0, '127.0.0.1', () => resolve()));
  const free = await freePort();
  const [range] = json('ranges').portRanges;
  // The last port of the range is as free as the first.
  const portRanges = [{ ...range, to: range.from + 1, bind: free }];
  const patched = await stack.call(`/fleets/${stack.fleet}`, { method: 'PATCH', body: { portRanges } });
  expect([patched.status, patched.body.portRanges]).toEqual([200, portRanges]);
  await stack.createTenant('game');
  const written = await stack.publish('game', 'gateways/game', json('assigned'));
  expect(written.body.spec.servers[0].port.number).toBe(range.from);
  const answer = () =>
    new Promise<string>((resolve) => {
      let text = '';
      const socket = connectTcp({ port: free, host: '127.0.0.1' });
      socket.on('data', (data) => (text += data));
      socket.on('error', () => {});
      socket.on('close', () => resolve(text));
    });
  expect(await answer()).toBe('');
  const configuration = {
    gateways: { game: json('assigned') },
    routes: { game: { gateways: ['game'], tcp: [{ route: [{ destination: { upstream: 'game' } }] }] } },
    upstreams: { game: { port: (greeting.address() as AddressInfo).port, endpoints: [{ address: '127.0.0.1' }] } },
  };
  await stack.publish('game', 'configuration', configuration);
  expect(await answer()).toBe('hello');
  const read = await stack.call('/tenants/game/gateways/game');
  expect(read.body.spec.servers[0].port.number).toBe(range.from);
  const body = { port: range.from, authority: 'game', fleet: stack.fleet };
  const explained = await stack.call('/tenants/game/explain', { method: 'POST', body });
  expect(JSON.stringify(explained.body)).toContain('routes/game /tcp/0 forwards the connection');
  // A restarted agent opens the port again, also for an Envoy that it has not seen.
  await stack.agent.stop();
  await stack.startAgent();
  await until('the port after the restart', async () => (await answer()) === 'hello');
  await stack.publish('game', 'routes/game', undefined, 'DELETE');
  await until('the port to close', async () => (await answer()) === '');
  greeting.close();
});

test('another tenant does not get the ports, and explain says what the port carries', async () => {
  await stack.createTenant('other');
  const { gateways } = json('configuration');
  const taken = await stack.call('/tenants/other/gateways/services', { method: 'PUT', body: gateways.services });
  expect([taken.status, taken.body.code]).toEqual([409, 'port-taken']);
  const ask = (body: object) =>
    stack.call('/tenants/acme/explain', { method: 'POST', body: { ...body, fleet: stack.fleet } });
  const answers = await Promise.all(['explain', 'explain-udp'].map((title) => ask(json(title))));
  expect(answers.map(({ body }) => body)).toMatchObject([
    { outcome: 'forwarded', rule: { path: '/tcp/0' }, connection: { transport: 'tcp' } },
    { outcome: 'forwarded', rule: { path: '/udp/0' }, connection: { transport: 'udp' } },
  ]);
  expect(answers[0]!.body.connection.destinations).toMatchObject([{ upstream: 'orders', percent: 100, endpoints: 1 }]);
  expect((await ask({ authority: 'any', port: 53 })).body.violations).toMatchObject([
    { pointer: '/transport', code: 'transport-required' },
  ]);
});

test('the status of the route lists the ports through which it is served', async () => {
  const { body } = await stack.call('/tenants/acme/revisions');
  const status = await stack.call(`/tenants/acme/revisions/${body.items[0].number}/status`);
  expect(JSON.stringify(status.body)).toContain('POSTGRES');
});
