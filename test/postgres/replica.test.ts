import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../e2e/process.ts';
import { type ApiProcess, call, startProcess } from './processes.ts';
import { copyOf, type Server, sql, startServer } from './server.ts';

let primary: Server;
let replica: Server;
let database: string;
let api: ApiProcess;
beforeAll(async () => {
  primary = await startServer();
  replica = await primary.replicate();
  database = await copyOf(primary.url('template1'));
  const replicated = replica.url(new URL(database).pathname.slice(1));
  api = await startProcess(database, { GATEHOUSE_STORE_REPLICA: replicated });
  expect((await call(api, 'POST', '/v1/tenants', { name: 'acme' })).status).toBe(201);
});
afterAll(async () => {
  await api.stop();
  await primary.stop();
});

const read = async (headers: Record<string, string> = {}) => {
  const { body, headers: answered } = await call(api, 'GET', '/v1/tenants/acme', undefined, headers);
  return { name: body.displayName, applied: answered.get('preference-applied') };
};
const rename = (displayName: string) =>
  call(api, 'PATCH', '/v1/tenants/acme', { displayName }, { 'content-type': 'application/merge-patch+json' });
const stale = { prefer: 'stale-ok' };

test('a replica answers the reads that say they may be stale, and no others', async () => {
  await rename('old');
  await until('the replica to follow', async () => (await read(stale)).name === 'old');
  await sql(replica.url('postgres'), 'select pg_wal_replay_pause()');
  await rename('new');
  expect(await read()).toEqual({ name: 'new', applied: null });
  expect(await read(stale)).toEqual({ name: 'old', applied: 'stale-ok' });
  await sql(replica.url('postgres'), 'select pg_wal_replay_resume()');
  await until('the replica to follow', async () => (await read(stale)).name === 'new');
});

test('without the replica they are answered by the primary', async () => {
  await replica.stop();
  expect(await read(stale)).toEqual({ name: 'new', applied: null });
});
