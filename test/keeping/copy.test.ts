import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { shapes } from '../../api/keeping/tables.ts';
import { openDatabase, openStore } from '../../api/store/open.node.ts';
import { follow } from '../api/fleets/stream.ts';
import { OPERATOR, tokenFor, upstream } from '../api/harness.ts';
import { copyOf } from '../postgres/server.ts';
import { damage, filledDatabase, filledFile, newFile, serve } from './database.ts';

const COMMAND = new URL('../../cli/gatehouse.mjs', import.meta.url).pathname;
const KILLED_COPY = new URL('killed-copy.ts', import.meta.url).pathname;
const worker = mkdtempSync(join(tmpdir(), 'gatehouse-worker-'));
const env = { ...process.env, GATEHOUSE_WORKER_FOLDER: worker };
function copy(from: string, to: string) {
  const args = [COMMAND, 'store', 'copy', '--from', from, '--to', to];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env });
  return { status, stdout, stderr };
}

/** Every row of every table, in the order of its key. */
async function contents(url: string): Promise<Record<string, unknown[]>> {
  const { driver } = await openDatabase(url);
  const rows: Record<string, unknown[]> = {};
  for (const { name, columns, key } of shapes)
    rows[name] = await driver.all(`select ${columns.map((column) => column.name)} from ${name} order by ${key}`, []);
  await driver.close();
  return rows;
}

test('SQLite → PostgreSQL → SQLite → D1 → SQLite: every row is the same at every stop', async () => {
  process.env.GATEHOUSE_WORKER_FOLDER = worker;
  const first = await filledFile();
  const expected = await contents(first);
  const stops = [await copyOf(inject('postgres')!), newFile(), 'd1:DB', newFile()];
  for (const [i, to] of stops.entries()) {
    const { status, stdout, stderr } = copy(stops[i - 1] ?? first, to);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+ rows copied, every revision verified\n$/);
    expect(await contents(to)).toEqual(expected);
  }
});

test('an agent resumes at its cursor on the other database, and new rows there get new keys', async () => {
  const from = await filledFile();
  let api = await serve(from);
  const agent = await tokenFor(api, '/v1/fleets/public');
  const cursor = (await api.get('/v1/fleets/public')).body.seq;
  await api.close();
  const to = await copyOf(inject('postgres')!);
  expect(copy(from, to).status).toBe(0);

  api = await serve(to);
  const stream = await follow(api, `/v1/fleets/public/feed?after=${cursor}`, agent);
  await stream.until(({ type }) => type === 'fleet');
  expect((await api.put('/v1/tenants/rival/upstreams/web', upstream('10.3.3.3'))).status).toBe(200);
  expect((await stream.until(({ type }) => type === 'tenant')).at(-1)).toMatchObject({ tenant: 'rival', base: 1 });
  stream.close();
  await api.close();
});

test('after a restore by other means, advance prevents agents from confusing old feed numbers with new ones', async () => {
  const url = await filledDatabase();
  const api = await serve(url);
  const agent = await tokenFor(api, '/v1/fleets/public');
  const cursor = (await api.get('/v1/fleets/public')).body.seq;
  const args = [COMMAND, 'store', 'advance', '--store', url];
  expect(spawnSync(process.execPath, args, { encoding: 'utf8' })).toMatchObject({
    status: 0,
    stdout: 'every agent will read a snapshot\n',
  });
  const stream = await follow(api, `/v1/fleets/public/feed?after=${cursor}`, agent);
  await stream.until(({ type }) => type === 'snapshot-end');
  stream.close();
  await api.close();
});

test('after a kill, no command opens the target, and the same command resumes the copy', async () => {
  const from = newFile();
  const store = await openStore(from);
  await store.close();
  const many = Array.from({ length: 40 }, (_, page) =>
    Array.from({ length: 500 }, (_, i) => `('a', 'test', 't${page * 500 + i}', 1, 'r', '')`).join(),
  );
  await damage(
    from,
    ...many.map((rows) => `insert into audit (actor, action, target, at, request_id, remote) values ${rows}`),
  );
  const to = newFile();
  const killed = spawnSync(process.execPath, [KILLED_COPY, from, to], { encoding: 'utf8', env });
  expect(killed).toMatchObject({ signal: 'SIGKILL', stderr: '' });
  const counted = async () => {
    const { driver } = await openDatabase(to);
    const [[count]] = (await driver.all('select count(*) from audit', [])) as [[number]];
    await driver.close();
    return count;
  };
  const kept = await counted();
  expect(kept).toBeGreaterThan(0);
  expect(kept).toBeLessThan(20_000);

  await expect(openStore(to)).rejects.toThrow('A copy into this database was begun and not finished');
  expect(copy(from, to)).toMatchObject({ status: 0, stdout: '20000 rows copied, every revision verified\n' });
  await (await openStore(to)).close();
});

test('a source that changed meanwhile is copied again; a target that is in use is rejected', async () => {
  const from = await filledFile();
  const to = newFile();
  const mark = JSON.stringify({ source: 'another state', table: 'token', after: ['x'] });
  await (await openStore(to)).close();
  await damage(
    to,
    `insert into gatehouse_migration (tag) values ('copying ${mark}')`,
    `insert into host_claim (host, tenant, reversed) values ('old.test', 'old', 'test.old')`,
  );
  expect(copy(from, to).status).toBe(0);
  expect(await contents(to)).toEqual(await contents(from));
  const again = copy(from, to);
  expect(again.status).toBe(1);
  expect(again.stderr).toContain('The target is not empty: it has rows in tenant, revision');
});

test('a database that is not there is named, and why', async () => {
  const { status, stderr } = copy(await filledFile(), 'postgres://nobody:secret@127.0.0.1:1/x');
  expect(status).toBe(1);
  expect(stderr).toContain(
    "PostgreSQL at 127.0.0.1:1 does not open the database 'x' for 'nobody': connect ECONNREFUSED",
  );
  expect(stderr).not.toContain('secret');
});

test('what does not arrive whole is not taken for a copy', async () => {
  const from = await filledFile();
  await damage(from, `update resource_version set spec = '{}' where tenant = 'rival' and kind = 'upstream'`);
  const to = newFile();
  const { status, stderr } = copy(from, to);
  expect(status).toBe(1);
  expect(stderr).toContain('The copy is damaged: tenants/rival/revisions/1');
  expect(stderr).not.toContain(OPERATOR);
  await expect(openStore(to)).rejects.toThrow('not finished');
});
