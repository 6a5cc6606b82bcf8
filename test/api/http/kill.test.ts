import { afterEach, describe, expect, inject, test } from 'vitest';
import { until } from '../../e2e/process.ts';
import { newDatabase } from '../../keeping/database.ts';
import { type Answer, type ApiProcess, call, startProcess } from '../../postgres/processes.ts';
import { sql } from '../../postgres/server.ts';
import { elsewhere } from '../engine.ts';
import { SHARED_FLEET, upstream } from '../harness.ts';

let api: ApiProcess;
afterEach(() => api?.stop());

const ROUNDS = 3;

/** Every kind of POST that creates something, each with its own mark. */
const posts = (mark: string): [path: string, body: object][] => [
  ['/v1/tenants/acme/tokens', { scopes: ['read'], description: mark }],
  ['/v1/fleets/public/tokens', { description: mark }],
  ['/v1/tokens', { description: mark }],
  ['/v1/tenants', { name: `t-${mark}` }],
  ['/v1/fleets', { ...SHARED_FLEET, name: `f-${mark}`, labels: { only: mark } }],
  [
    '/v1/tenants/acme/revisions',
    { message: mark, puts: [{ kind: 'upstream', name: 'web', spec: { ...upstream(), labels: { mark } } }] },
  ],
];

async function everything(path: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  for (let cursor = ''; ; ) {
    const { body } = await call(api, 'GET', `${path}?limit=500${cursor}`);
    items.push(...body.items);
    if (body.next === undefined) return items;
    cursor = `&cursor=${body.next}`;
  }
}

/** Counts each mark in a list. */
const count = (items: Record<string, unknown>[], member: string): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(items, (item) => item[member] as string)].map(([mark, { length }]) => [mark, length]),
  );

describe.skipIf(elsewhere !== undefined)('after kill -9 in the middle of POSTs', () => {
  test('each request that is repeated with its key was made once', async () => {
    const store = await newDatabase();
    api = await startProcess(store);
    await call(api, 'POST', '/v1/fleets', SHARED_FLEET);
    await call(api, 'POST', '/v1/tenants', { name: 'acme' });
    const marks: string[] = [];
    let repeated = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const asked = Array.from({ length: 8 }, (_, i) => `${round}-${i}`).flatMap((mark) => {
        marks.push(mark);
        return posts(mark).map(([path, body]) => ({ key: `${mark} ${path}`.replaceAll(' ', '_'), path, body }));
      });
      const send = ({ key, path, body }: (typeof asked)[number]) =>
        call(api, 'POST', path, body, { 'idempotency-key': key });
      const answers = new Map<string, Answer>();
      const under = asked.map(async (each) => {
        const answer = await send(each).catch(() => undefined);
        if (answer) answers.set(each.key, answer);
      });
      await until('some answers', () => answers.size >= 6 * (round + 1));
      await api.stop('SIGKILL');
      await Promise.all(under);
      api = await startProcess(store);
      for (const each of asked) {
        const before = answers.get(each.key);
        if (!before) repeated++;
        // A batch that the process had sent to PostgreSQL may be committed a moment later.
        const again = await until(`the answer to ${each.key}`, async () => {
          const answer = await send(each);
          return [409, 503].includes(answer.status) ? undefined : answer;
        });
        expect(again.status, JSON.stringify(again.body)).toBe(201);
        if (before?.status === 201) expect(again.body).toEqual(before.body);
      }
    }
    expect(repeated).toBeGreaterThan(0);
    const once = Object.fromEntries(marks.map((mark) => [mark, 1]));
    for (const path of ['/v1/tenants/acme/tokens', '/v1/fleets/public/tokens', '/v1/tokens'])
      expect(count(await everything(path), 'description'), path).toMatchObject(once);
    expect(count(await everything('/v1/tenants/acme/revisions'), 'message')).toEqual(once);
  });

  test.skipIf(inject('postgres') === undefined).for([
    ['tokens', { scopes: ['read'] }],
    ['revisions', { puts: [{ kind: 'upstream', name: 'web', spec: upstream() }] }],
  ] as const)(
    'a change to %s that the database commits after the process is gone is answered',
    async ([what, body]) => {
      const store = await newDatabase();
      api = await startProcess(store);
      await call(api, 'POST', '/v1/tenants', { name: 'acme' });
      const path = `/v1/tenants/acme/${what}`;
      const create = () => call(api, 'POST', path, body, { 'idempotency-key': 'late' });
      // The batch waits for the tenant's row, which another session holds, while its process is killed.
      const hold = ['begin', "select 1 from tenant where name = 'acme' for update", 'select pg_sleep(3)', 'commit'];
      const held = sql(store, ...hold);
      await until('the lock', async () => (await sleeping(store)) === 1);
      const lost = create().catch(() => undefined);
      await until('the batch to wait', async () => (await waiting(store)) === 1);
      await api.stop('SIGKILL');
      expect(await lost).toBeUndefined();
      await held;
      api = await startProcess(store);
      await until('the change', async () => (await everything(path)).length === 1);
      const { status, headers } = await create();
      expect([status, headers.get('idempotency-replayed')]).toEqual([201, 'true']);
      expect(await everything(path)).toHaveLength(1);
    },
  );
});

const activity = async (store: string, where: string): Promise<number> =>
  (await sql(store, `select 1 from pg_stat_activity where datname = current_database() and ${where}`)).length;
const sleeping = (store: string) => activity(store, "wait_event = 'PgSleep'");
const waiting = (store: string) => activity(store, "application_name = 'gatehouse' and wait_event_type = 'Lock'");
