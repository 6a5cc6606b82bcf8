import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, inject, test } from 'vitest';
import { withDatabase } from '../../cli/keeping/database.ts';
import { diagnose } from '../../cli/keeping/doctor.ts';
import { type Harness, SHARED_FLEET, tenantWithRoute } from '../api/harness.ts';
import { until } from '../e2e/process.ts';
import { copyOf, sql } from '../postgres/server.ts';
import { serve } from './database.ts';
import { type SmallDisk, smallDisk } from './disk.ts';

const template = inject('postgres');
let api: Harness | undefined;
let disk: SmallDisk | string;
let drop: () => Promise<unknown> = async () => {};
afterEach(async () => {
  await api?.close();
  // PostgreSQL would look for it at its next checkpoint.
  await drop();
  if (typeof disk !== 'string') disk.unmount();
});

/** A database on the small disk; PostgreSQL's log is elsewhere. */
async function databaseOn({ path }: SmallDisk): Promise<string> {
  if (template === undefined) return `sqlite:${join(path, 'data.db')}`;
  const url = await copyOf(template);
  const name = new URL(url).pathname.slice(1);
  const postgres = Object.assign(new URL(url), { pathname: '/postgres' }).href;
  drop = () => sql(postgres, `drop database ${name} with (force)`, `drop tablespace ${name}`);
  await sql(postgres, `create tablespace ${name} location '${path}'`, `alter database ${name} set tablespace ${name}`);
  return url;
}

const uid = () =>
  template === undefined ? 0 : statSync(join(new URL(template).searchParams.get('host')!, 'data')).uid;

const at = '/v1/tenants/acme';
const large = (n: number) => ({
  port: 9080,
  endpoints: Array.from({ length: 200 }, (_, i) => ({ address: `10.0.${n}.${i + 1}` })),
});

test('on a full disk, writes get 503 and reads work; with free space, writes work again, and no write is partial', async ({
  skip,
}) => {
  disk = smallDisk(template === undefined ? 4 : 40, uid());
  if (typeof disk === 'string') return skip(disk);
  const url = await databaseOn(disk);
  api = await serve(url);
  const { get, post, put } = api;
  await post('/v1/fleets', SHARED_FLEET);
  await tenantWithRoute(api, 'acme');
  const head = async (): Promise<number> => (await get(at)).body.revision;
  disk.fill();

  let written = await head();
  // PostgreSQL has room left in some table's pages for a while: a write that fails may be followed by one that does
  // not.
  const [refused, ready] = await until('a write that finds no room, and so for all', async () => {
    const answer = await put(`${at}/upstreams/web`, large(written % 250));
    if (answer.status === 200) written++;
    const readiness = await get('/readyz');
    return answer.status !== 200 && readiness.status !== 200 ? [answer, readiness] : undefined;
  });
  for (const { status, headers, body } of [refused, ready])
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'unavailable', '1']);
  const keyed = () => post('/v1/tenants', { name: 'other' }, { headers: { 'idempotency-key': 'k' } });
  expect([201, 503]).toContain((await keyed()).status);
  expect((await get('/healthz')).status).toBe(200);
  expect((await get(`${at}/configuration`)).status).toBe(200);
  expect(await head()).toBe(written);

  disk.free();
  expect((await get('/readyz')).status).toBe(200);
  expect((await put(`${at}/upstreams/web`, large(252))).status).toBe(200);
  expect(await head()).toBe(written + 1);
  expect((await keyed()).status).toBe(201);
  const { findings, revisions } = await withDatabase(url, (database) => diagnose(database, false));
  expect([findings, revisions]).toEqual([[], written + 1]);
});
