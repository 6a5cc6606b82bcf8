/** Endpoints that processes register through the API, from the request to a real Envoy. */

import { execFile } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Backend } from './backend.ts';
import { http } from './edge.ts';
import { until } from './process.ts';
import { Stack } from './stack.ts';

let stack: Stack;
let apps: Backend[];
let tenants = 0;
let tenant: string;

beforeAll(async () => {
  stack = await Stack.start({ apiEnv: { GATEHOUSE_ENDPOINT_EXPIRY: '2000' } });
});
afterAll(() => stack?.stop());
beforeEach(async () => {
  apps = await Promise.all(['one', 'two', 'three'].map((name) => Backend.start(name)));
  tenant = `tenant-${++tenants}`;
  await serve(tenant);
});
afterEach(() => Promise.all(apps.map((app) => app.stop())));

const appNamed = (name: string) => apps.find((app) => app.name === name)!;
const at = (name: string, more: object = {}) => ({
  address: '127.0.0.1',
  port: appNamed(name).port,
  labels: { version: name },
  ttl: '60s',
  ...more,
});

/** Publishes a host whose path `/one` goes to a subset, and everything else to the whole upstream. */
async function serve(name: string, upstream: object = {}): Promise<void> {
  await stack.createTenant(name);
  await stack.publish(name, 'configuration', {
    gateways: {
      web: {
        selector: { ingress: 'public' },
        servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: [`${name}.test`] }],
      },
    },
    upstreams: {
      app: { port: 9, endpoints: [], subsets: [{ name: 'one', labels: { version: 'one' } }], ...upstream },
    },
    routes: {
      app: {
        hosts: [`${name}.test`],
        gateways: ['web'],
        http: [
          {
            match: [{ uri: { prefix: '/one' } }],
            route: [{ destination: { upstream: 'app', subset: 'one' } }],
            timeout: '2s',
          },
          { route: [{ destination: { upstream: 'app' } }], timeout: '2s' },
        ],
      },
    },
  });
}

const path = (id: string, of = tenant) => `/tenants/${of}/upstreams/app/endpoints/${id}`;
async function register(id: string, body: object = at(id), of = tenant) {
  return stack.call(path(id, of), { method: 'PUT', body });
}
const remove = (id: string) => stack.call(path(id), { method: 'DELETE' });

async function ask(at = '/', of = tenant): Promise<string> {
  const { status, body } = await http({ port: stack.httpPort, host: `${of}.test`, path: at });
  return status === 200 ? (JSON.parse(body) as { name: string }).name : String(status);
}
/** The different answers to 12 requests, sorted. */
async function answers(at = '/', of = tenant): Promise<string> {
  const seen = new Set<string>();
  for (let n = 0; n < 12; n++) seen.add(await ask(at, of));
  return [...seen].sort().join();
}
const answered = (wanted: string, at = '/', of = tenant) =>
  until(`the answers ${wanted}`, async () => (await answers(at, of)) === wanted);

/** How many clusters Envoy has added, changed and removed. */
async function clusterWork(): Promise<string> {
  const filter = String.raw`cluster_manager\.(cluster_(added|modified|removed)|warming_clusters)$`;
  return (await stack.envoy!.admin(`/stats?filter=${encodeURIComponent(filter)}`)).body;
}

describe('a registered endpoint', () => {
  it('gets requests, of its subset too, and none after its removal; no cluster changes', async () => {
    expect([await answers(), await answers('/one')]).toEqual(['503', '503']);
    const work = await clusterWork();
    const first = await register('one');
    expect([first.status, first.body]).toMatchObject([201, { id: 'one', ttl: '60s', labels: { version: 'one' } }]);
    await answered('one');
    expect(await answers('/one')).toBe('one');
    expect((await register('two')).status).toBe(201);
    await answered('one,two');
    expect(await answers('/one')).toBe('one');
    expect((await register('two', at('three'))).status).toBe(200);
    await answered('one,three');
    expect((await remove('one')).status).toBe(204);
    await answered('three');
    expect((await remove('one')).status).toBe(404);
    expect(await answers('/one')).toBe('503');
    expect(await clusterWork()).toBe(work);
  });

  it('fails no request while endpoints come and go', async () => {
    await register('one');
    await answered('one');
    let isDone = false;
    const seen = new Set<string>();
    const load = Array.from({ length: 4 }, async () => {
      while (!isDone) seen.add(await ask());
    });
    for (let round = 0; round < 10; round++) {
      await register('two');
      await answered('one,two');
      await remove('two');
      await answered('one');
    }
    isDone = true;
    await Promise.all(load);
    expect([...seen].sort()).toEqual(['one', 'two']);
  });
});

describe('after a failure', () => {
  it('they are served while the API and the agent are killed, and changes of the meantime arrive', async () => {
    await register('one');
    await answered('one');
    await stack.api.stop('SIGKILL');
    expect(await answers()).toBe('one');
    await stack.startApi();
    await register('two');
    await answered('one,two');
    await stack.agent.stop('SIGKILL');
    await register('two', at('three'));
    await remove('one');
    expect(await answers()).toBe('one,two');
    await stack.startAgent();
    await answered('three');
  });

  it('an outage of the API expires nothing; afterwards, only what is not renewed', async () => {
    await register('one');
    await answered('one');
    await stack.api.stop('SIGKILL');
    // The outage is in the past: what was registered for 60 s, and when the job last ran.
    const database = new Database(`${stack.folder}/api.sqlite`);
    const past = (ms: number) => {
      database.prepare('UPDATE registered_endpoint SET expires_at = expires_at - ?').run(ms);
      database
        .prepare(
          "UPDATE job SET finished_at = finished_at - ?, started_at = started_at - ?, until = 0 WHERE name = 'expire-endpoints'",
        )
        .run(ms, ms);
    };
    past(120_000);
    await stack.startApi();
    // A restart of the agent with an empty replica reads all of it again.
    await stack.agent.stop('SIGKILL');
    rmSync(`${stack.folder}/agent`, { recursive: true });
    await stack.startAgent();
    await answered('one');
    await until('the new expiry', async () => {
      const { body } = await stack.call(path('one'));
      return Date.parse(body.expiresAt) > Date.now();
    });
    database.prepare('UPDATE registered_endpoint SET expires_at = expires_at - 60000').run();
    database.close();
    await answered('503');
    expect((await stack.call(path('one'))).status).toBe(404);
  });
});

describe('two tenants', () => {
  it('with the same names share nothing', async () => {
    const first = tenant;
    tenant = `tenant-${++tenants}`;
    await serve(tenant);
    await register('one');
    await register('two', at('two'), first);
    await answered('one');
    await answered('two', '/', first);
    expect((await stack.call(path('one', first))).status).toBe(404);
  });
});

describe('an upstream', () => {
  it('takes its registrations with it when it is deleted', async () => {
    await register('one');
    await answered('one');
    const routes = {
      app: { hosts: [`${tenant}.test`], gateways: ['web'], http: [{ directResponse: { status: 204 } }] },
    };
    await stack.publish(tenant, 'routes/app', routes.app);
    await stack.publish(tenant, 'upstreams/app', undefined, 'DELETE');
    await stack.publish(tenant, 'upstreams/app', { port: 9, endpoints: [] });
    routes.app.http = [{ route: [{ destination: { upstream: 'app' } }] }] as never;
    await stack.publish(tenant, 'routes/app', routes.app);
    expect(await answers()).toBe('503');
    await register('two');
    await answered('two');
  });

  it('sends nothing to a registered address that its fleet denies later', async () => {
    await register('one');
    await answered('one');
    const deny = async (denyDestinations: string[]) => {
      const changed = await stack.call(`/fleets/${stack.fleet}`, {
        method: 'PATCH',
        body: { denyDestinations },
        headers: { 'content-type': 'application/merge-patch+json' },
      });
      expect(changed.status).toBe(200);
    };
    await deny(['127.0.0.1/32']);
    await answered('503');
    await deny([]);
    await answered('one');
  });
});

it('every command of docs/tasks/registered-endpoints.md works, and shows what the page says', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/tasks/registered-endpoints.md'), 'utf8');
  const script = [...page.matchAll(/^```sh\n([\s\S]+?)^```/gm)]
    .map(([, block = '']) => block)
    .join('')
    .replace('http://127.0.0.1:8480', stack.apiUrl);
  await stack.createTenant('acme');
  const { stdout, stderr } = await promisify(execFile)('bash', ['--norc', '-eu', '-c', script], {
    env: { ...process.env, TENANT: stack.operator },
  });
  expect(stderr).toBe('');
  let rest = stdout;
  const promised = [...page.matchAll(/^# → (.+)$/gm)].map(([, words = '']) => words);
  expect(promised).toHaveLength(5);
  for (const words of promised) {
    expect(rest).toContain(words);
    rest = rest.slice(rest.indexOf(words) + words.length);
  }
});
