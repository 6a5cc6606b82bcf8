import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { sha256 } from '../../api/access/authenticate.ts';
import { examine } from '../../api/keeping/doctor.ts';
import { openDatabase } from '../../api/store/open.node.ts';
import { createStore } from '../../api/store/store.ts';
import { follow } from '../api/fleets/stream.ts';
import { gateway, route, SHARED_FLEET, upstream } from '../api/harness.ts';
import { until } from '../e2e/process.ts';
import { replay } from '../history/replay.ts';
import { Workload } from '../history/workload.ts';
import { beginning } from '../history/writes.ts';
import { type Answer, type ApiProcess, call, startProcess } from './processes.ts';
import { copyOf } from './server.ts';
import { Writers } from './writers.ts';

let url: string;
let apis: ApiProcess[];
let a: ApiProcess;
let b: ApiProcess;
let c: ApiProcess;
beforeAll(async () => {
  const migrated = new URL(inject('postgres')!);
  migrated.pathname = '/template1';
  url = await copyOf(migrated.href);
  // All at once, on a database that has no table yet.
  apis = await Promise.all([1, 2, 3].map(() => startProcess(url)));
  [a, b, c] = apis as [ApiProcess, ApiProcess, ApiProcess];
  expect((await call(a, 'POST', '/v1/fleets', SHARED_FLEET)).status).toBe(201);
});
afterAll(() => Promise.all(apis.map((api) => api.stop())));

async function tenant(name: string): Promise<string> {
  const path = `/v1/tenants/${name}`;
  expect((await call(a, 'POST', '/v1/tenants', { name })).status).toBe(201);
  const applied = await call(a, 'PUT', `${path}/configuration`, {
    gateways: { edge: gateway(`${name}.example.com`) },
    upstreams: { web: upstream() },
    routes: { web: route(`${name}.example.com`) },
  });
  expect(applied.status).toBe(201);
  return path;
}

describe('three API processes on one database', () => {
  test('of two writers on two processes exactly one wins, and the other is told', async () => {
    const path = `${await tenant('race')}/upstreams/web`;
    for (let round = 1; round <= 10; round++) {
      const etag = (await call(c, 'GET', path)).headers.get('etag')!;
      const outcomes = await Promise.all(
        [a, b].map((api, i) => call(api, 'PUT', path, upstream(`10.0.${round}.${i}`), { 'if-match': etag })),
      );
      expect(outcomes.map(({ status }) => status).toSorted()).toEqual([200, 412]);
      const winner = outcomes.findIndex(({ status }) => status === 200);
      expect((await call(c, 'GET', path)).body.spec.endpoints).toEqual([{ address: `10.0.${round}.${winner}` }]);
    }
  });

  test('48 writers of one tenant without a precondition all succeed, each with a revision of its own', async () => {
    const path = await tenant('crowd');
    const [writers, rounds] = [48, 25];
    const answers = await Promise.all(
      Array.from({ length: writers }, async (_, w) => {
        const own: Answer[] = [];
        for (let i = 0; i < rounds; i++)
          own.push(await call(apis[w % 3]!, 'PUT', `${path}/upstreams/u${w}`, upstream(`10.0.${w}.${i}`)));
        return own;
      }),
    ).then((all) => all.flat());
    const statuses = Object.groupBy(answers, ({ status }) => status);
    expect(Object.entries(statuses).map(([status, all]) => [status, all!.length])).toEqual([
      ['200', writers * (rounds - 1)],
      ['201', writers],
    ]);
    const revisions = answers.map(({ headers }) => Number(headers.get('gatehouse-revision')));
    expect(revisions.toSorted((one, other) => one - other)).toEqual(answers.map((_, i) => i + 2));
  });

  test('writers and refused requests on all of them make revisions that follow from each other', async () => {
    const made = new Workload((method, on, body, headers) => {
      const api = apis[Math.floor(Math.random() * apis.length)]!;
      return call(api, method, on, body, headers);
    });
    const names = ['history', 'holder'];
    for (const name of names) {
      const document = beginning(`${name}.example.org`);
      expect((await call(a, 'POST', '/v1/tenants', { name })).status).toBe(201);
      expect((await call(a, 'PUT', `/v1/tenants/${name}/configuration`, document)).status).toBe(201);
      made.given(name, document);
    }
    const common = { tenant: 'history', host: 'history.example.org', taken: 'holder.example.org', known: 1 };
    await Promise.all(
      Array.from({ length: 12 }, (_, i) => made.write({ ...common, name: `w${i}` }, 7 + i, (sent) => sent === 30)),
    );
    expect(made.wrong).toEqual([]);
    const { dialect, driver } = await openDatabase(url);
    expect(await replay(createStore(dialect, driver), 'history', made)).toEqual([]);
    expect(await Array.fromAsync(examine(dialect, driver, sha256))).toEqual([]);
    await driver.close();
  });

  test('an agent that waits on one is woken by a commit on another', async () => {
    const path = await tenant('woken');
    const { token } = (await call(a, 'POST', '/v1/fleets/public/tokens', {})).body;
    const headers = { authorization: `Bearer ${token}` };
    const { seq } = (await call(a, 'GET', '/v1/fleets/public')).body;
    const polled = call(a, 'GET', `/v1/fleets/public/feed?after=${seq}&wait=25`, undefined, headers);
    await call(b, 'PUT', `${path}/upstreams/web`, upstream('10.0.0.9'));
    const { events, cursor } = (await polled).body;
    expect(events.at(-1)).toMatchObject({ type: 'tenant', tenant: 'woken', revision: 2 });
    expect(cursor).toBe(seq + 1);
  });

  test.each(['its token', 'its fleet'])('a feed on one is ended when %s is removed on another', async (what) => {
    const fleet = '/v1/fleets/brief';
    expect((await call(a, 'POST', '/v1/fleets', { ...SHARED_FLEET, name: 'brief' })).status).toBe(201);
    const { id, token } = (await call(a, 'POST', `${fleet}/tokens`, {})).body;
    const streams = await Promise.all([a, b, c].map((api) => follow(api, `${fleet}/feed`, token)));
    for (const stream of streams) await stream.until(({ type }) => type === 'snapshot-end');
    const removed = what === 'its token' ? `${fleet}/tokens/${id}` : fleet;
    expect((await call(b, 'DELETE', removed)).status).toBe(204);
    await Promise.all(streams.map((stream) => stream.ended()));
    await call(a, 'DELETE', fleet);
  });

  test('who waits for a revision on one is answered by a report to another', async () => {
    const path = await tenant('waited');
    const { token } = (await call(a, 'POST', '/v1/fleets/public/tokens', {})).body;
    const written = call(b, 'PUT', `${path}/upstreams/web`, upstream('10.0.0.9'), { prefer: 'wait=25' });
    await until('the revision', async () => (await call(c, 'GET', path)).body.revision === 2);
    const { seq } = (await call(c, 'GET', '/v1/fleets/public')).body;
    const node = { node: 'n1', version: '1.40.0', connected: true, acked: seq, live: seq, rejections: [] };
    const report = { agent: 'a1', nodes: [node] };
    const reported = await call(c, 'POST', '/v1/fleets/public/status', report, { authorization: `Bearer ${token}` });
    expect(reported.status).toBe(204);
    const answer = await written;
    expect(answer.headers.get('gatehouse-status')).toBe('live');
    expect((await call(a, 'GET', `${path}/revisions/2/status`)).body.state).toBe('live');
  });

  test('of one key sent to all at once, one request runs', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        call(apis[i % apis.length]!, 'POST', '/v1/tenants', { name: 'once' }, { 'idempotency-key': 'k' }),
      ),
    );
    const ran = answers.filter(({ status, headers }) => status === 201 && !headers.has('idempotency-replayed'));
    expect(ran).toHaveLength(1);
    for (const { status, body } of answers) if (status !== 201) expect(body.code).toBe('idempotency-conflict');
  });

  test('a token revoked on one is refused by the others', async () => {
    const path = await tenant('revoked');
    // A process reads a token again after five seconds. If it refuses the token sooner, it had the notice.
    await until('a refusal within five seconds', async () => {
      const { token, id } = (await call(a, 'POST', `${path}/tokens`, { scopes: ['read'] })).body;
      const ask = async () => (await call(b, 'GET', path, undefined, { authorization: `Bearer ${token}` })).status;
      const readAt = Date.now();
      expect(await ask()).toBe(200);
      expect((await call(c, 'DELETE', `${path}/tokens/${id}`)).status).toBe(204);
      await until('the refusal', async () => (await ask()) === 401);
      return Date.now() - readAt < 5_000;
    });
  });

  test('a tenant removed on one and made anew is judged by what it has now', async () => {
    const path = await tenant('again');
    await call(b, 'PUT', `${path}/upstreams/web`, upstream('10.0.0.2'));
    const etag = (await call(a, 'GET', path)).headers.get('etag')!;
    expect((await call(a, 'DELETE', path, undefined, { 'if-match': etag })).status).toBe(204);
    expect((await call(a, 'POST', '/v1/tenants', { name: 'again' })).status).toBe(201);
    // As many revisions as the first had when the other process last wrote to it.
    for (const address of ['10.0.0.3', '10.0.0.4']) await call(a, 'PUT', `${path}/upstreams/other`, upstream(address));
    const refused = await call(b, 'PUT', `${path}/routes/web`, { ...route('x.example.com'), gateways: [] });
    expect(refused.status).toBe(422);
  });

  test('killed under 64 writers, a process takes nothing with it that was acknowledged', async () => {
    let asked = apis;
    const writers = new Writers(() => asked);
    await writers.start(64);
    await until('writes', () => writers.count > 200);
    const killed = c.stop('SIGKILL');
    asked = [a, b];
    await killed;
    const then = writers.count;
    await until('more writes', () => writers.count > then + 200);
    await writers.stop();
    await writers.verify();
    expect(Object.keys(writers.refused).filter((status) => status !== '0')).toEqual([]);
  });
});
