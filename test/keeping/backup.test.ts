import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openStore } from '../../api/store/open.node.ts';
import { follow } from '../api/fleets/stream.ts';
import { OPERATOR, tokenFor, upstream } from '../api/harness.ts';
import { Process, until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';
import { gatehouse } from './command.ts';
import { damage, filledFile, newFile, SEALING, serve } from './database.ts';

const COMMAND = new URL('../../cli/gatehouse.mjs', import.meta.url).pathname;
const path = (url: string) => url.slice('sqlite:'.length);

test('a drill: backed up under writers, killed, restored, it has every revision that was acknowledged before', async () => {
  const url = newFile();
  const port = await freePort();
  const api = new Process('api/main.node.ts', {
    GATEHOUSE_STORE: url,
    GATEHOUSE_LISTEN: `127.0.0.1:${port}`,
    GATEHOUSE_OPERATOR_TOKEN: OPERATOR,
    ...SEALING,
  });
  api.start();
  const at = `http://127.0.0.1:${port}`;
  await until('the API', async () => (await fetch(`${at}/readyz`)).ok);
  const acknowledged = new Map<string, number>();
  const ask = (method: string, path: string, body: unknown) =>
    fetch(at + path, {
      method,
      headers: { authorization: `Bearer ${OPERATOR}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  async function write(name: string): Promise<void> {
    await ask('POST', '/v1/tenants', { name });
    for (let n = 1; ; n++) {
      const answer = await ask('PUT', `/v1/tenants/${name}/upstreams/web`, upstream(`10.0.${n >> 8}.${n & 255}`));
      if (answer.ok) acknowledged.set(name, n);
    }
  }
  const tenants = Array.from({ length: 8 }, (_, i) => `tenant-${i}`);
  const writing = Promise.allSettled(tenants.map(write));
  await until('a revision of each', () => acknowledged.size === tenants.length);

  const before = new Map(acknowledged);
  const to = `${path(url)}.backup`;
  const backup = spawn(process.execPath, [COMMAND, 'backup', '--store', url, '--to', to], { stdio: 'inherit' });
  expect((await once(backup, 'close'))[0]).toBe(0);
  expect(statSync(to).mode & 0o777).toBe(0o600);
  for (const name of tenants) expect(acknowledged.get(name)).toBeGreaterThan(before.get(name)!);
  await api.stop('SIGKILL');
  await writing;
  writeFileSync(path(url), 'a disk that broke');
  for (const suffix of ['-wal', '-shm']) rmSync(path(url) + suffix);

  expect(gatehouse('restore', '--store', url, '--from', to).stderr).toContain('use --force');
  expect(gatehouse('restore', '--store', url, '--from', to, '--force')).toMatchObject({ status: 0 });
  expect(gatehouse('doctor', '--store', url)).toMatchObject({ status: 0 });
  api.start();
  await until('the API', async () => (await fetch(`${at}/readyz`)).ok);
  const store = await openStore(url);
  for (const [name, number] of before)
    expect((await store.tenants.find(name))!.revision).toBeGreaterThanOrEqual(number);
  await store.close();
  expect((await ask('PUT', '/v1/tenants/tenant-0/upstreams/web', upstream('10.9.9.9'))).status).toBe(200);
  await api.stop();
});

test('after a restore agents take a snapshot, whatever they have seen, and nothing that comes then is missed', async () => {
  const url = await filledFile();
  const to = `${path(url)}.backup`;
  let api = await serve(url);
  const agent = await tokenFor(api, '/v1/fleets/public');
  expect(gatehouse('backup', '--store', url, '--to', to, '--json')).toMatchObject({ status: 0 });
  for (const address of ['10.1.1.1', '10.1.1.2']) await api.put('/v1/tenants/rival/upstreams/web', upstream(address));
  const cursor = (await api.get('/v1/fleets/public')).body.seq;

  const refused = gatehouse('restore', '--store', url, '--from', to, '--force');
  expect(refused).toMatchObject({ status: 1, stderr: `gatehouse: '${path(url)}' is in use: stop the API first.\n` });
  expect(existsSync(`${path(url)}.part`)).toBe(false);
  await api.close();
  expect(gatehouse('restore', '--store', url, '--from', to).stderr).toContain('is not empty');
  const restored = gatehouse('restore', '--store', url, '--from', to, '--force');
  expect(restored.status).toBe(0);
  expect(restored.stdout).toMatch(
    new RegExp(`^Restored \\d+ tenants?, \\d+ revisions? from ${to} to ${url.replace(/^sqlite:/, '')}\\.\n$`),
  );

  api = await serve(url);
  // As many as were lost: without care the cursor would fit again.
  for (const address of ['10.2.2.1', '10.2.2.2']) await api.put('/v1/tenants/rival/upstreams/web', upstream(address));
  const stream = await follow(api, `/v1/fleets/public/feed?after=${cursor}`, agent);
  const events = await stream.until(({ type }) => type === 'snapshot-end');
  expect(JSON.stringify(events)).toContain('10.2.2.2');
  stream.close();
  await api.close();
});

test('a backup that is damaged, or not one, is refused and nothing is touched', async () => {
  const url = await filledFile();
  const to = `${path(url)}.backup`;
  expect(gatehouse('backup', '--store', url, '--to', to).stdout).toBe(`${to}: 2 tenants, 9 revisions\n`);
  expect(gatehouse('backup', '--store', url, '--to', to).stderr).toBe(
    `gatehouse: There is a file '${to}' already, and a backup replaces no file. Name a new file with --to.\n`,
  );
  await damage(`sqlite:${to}`, `update resource_version set spec = '{}' where tenant = 'rival' and kind = 'upstream'`);
  const before = readFileSync(path(url));
  const { status, stderr } = gatehouse('restore', '--store', url, '--from', to, '--force');
  expect(status).toBe(1);
  expect(stderr).toContain('is damaged: tenants/rival/revisions/1');
  expect(gatehouse('restore', '--store', url, '--from', '/nowhere').stderr).toContain(
    "There is no file '/nowhere'. Name a file that",
  );
  // The first half of a backup.
  const half = `${to}.half`;
  writeFileSync(half, readFileSync(to).subarray(0, 40_960));
  expect(gatehouse('restore', '--store', url, '--from', half, '--force').stderr).toMatch(
    /is damaged[^\n]+(?:Restore another|Use a complete) backup\.\n$/,
  );
  expect(readFileSync(path(url)).equals(before)).toBe(true);
});

test('a backup with an index that does not agree with its table is refused', async () => {
  const url = await filledFile();
  const to = `${path(url)}.backup`;
  gatehouse('backup', '--store', url, '--to', to);
  await damage(
    `sqlite:${to}`,
    `insert into person (id, email, email_verified, name, created_at, updated_at) values ('p', 'ada@example.com', 1, '', 0, 0)`,
  );
  const bytes = readFileSync(to);
  bytes.write('aea@', bytes.indexOf('ada@example.com'));
  writeFileSync(to, bytes);
  const { status, stderr } = gatehouse('restore', '--store', url, '--from', to, '--force');
  expect([status, stderr]).toEqual([1, expect.stringContaining('person_email')]);
});

test('a store of an earlier version is backed up before its upgrade', async () => {
  const url = await filledFile();
  const to = `${path(url)}.backup`;
  await damage(url, 'delete from gatehouse_migration where tag = (select max(tag) from gatehouse_migration)');
  const { status, stdout } = gatehouse('backup', '--store', url, '--to', to);
  expect([status, stdout]).toEqual([0, `${to}: not examined, because an earlier version wrote it\n`]);
  expect(gatehouse('doctor', '--store', `sqlite:${to}`).stderr).toContain('run `npx gatehouse migrate` first');
});

test('a store that the API has open is neither advanced nor copied, from or to', async () => {
  const url = await filledFile();
  const other = newFile();
  const api = await serve(url);
  const { seq } = (await api.get('/v1/fleets/public')).body;
  const refused = { status: 1, stderr: `gatehouse: '${path(url)}' is in use: stop the API first.\n` };
  expect(gatehouse('store', 'advance', '--store', url)).toMatchObject(refused);
  expect(gatehouse('store', 'copy', '--from', url, '--to', other)).toMatchObject(refused);
  expect(existsSync(path(other))).toBe(false);
  expect(gatehouse('store', 'copy', '--from', other, '--to', url)).toMatchObject(refused);
  expect((await api.get('/v1/fleets/public')).body.seq).toBe(seq);
  await api.close();
  expect(gatehouse('store', 'copy', '--from', url, '--to', other).status).toBe(0);
  expect(gatehouse('store', 'advance', '--store', other).status).toBe(0);
});

test('for PostgreSQL, the error names the tools that back it up', () => {
  expect(gatehouse('backup', '--store', 'postgres://localhost/x', '--to', '/tmp/x').stderr).toContain('pg_dump');
});
