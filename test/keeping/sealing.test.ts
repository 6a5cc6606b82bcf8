import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { mailContext } from '../../api/secrets/contexts.ts';
import { Sealer } from '../../api/secrets/seal.ts';
import type { Store } from '../../api/store/store.ts';
import { withDatabase } from '../../cli/keeping/database.ts';
import { diagnose } from '../../cli/keeping/doctor.ts';
import { rotate, sealingStatus } from '../../cli/keeping/sealing.ts';
import { issue } from '../api/certificates/authority.ts';
import { type Harness, harness } from '../api/harness.ts';
import { gatehouse } from './command.ts';
import { damage, filledDatabase, newDatabase, SEALING, serve } from './database.ts';

const OLD = SEALING.GATEHOUSE_SEALING_KEYS;
const NEW = `next:${Buffer.alloc(32, 9).toString('base64')}`;
const KILLED = new URL('./killed-rotation.ts', import.meta.url).pathname;

afterEach(() => {
  vi.unstubAllEnvs();
});

const serveWith = (store: string, keys: string): Promise<Harness> =>
  harness({ GATEHOUSE_STORE: store, GATEHOUSE_SEALING_KEYS: keys });

function rotated(store: string, keys: string) {
  vi.stubEnv('GATEHOUSE_SEALING_KEYS', keys);
  return rotate({ store, json: true });
}

async function addMail(store: Store, count: number): Promise<void> {
  const [sealer, createdAt] = [await Sealer.from(OLD), Date.now()];
  const add = async (id: string) =>
    store.mail.add({
      id,
      recipient: `${id}@example.com`,
      template: 'verify-address',
      sealed: await sealer.sealText('{}', mailContext(id)),
      createdAt,
      expiresAt: createdAt + 1e6,
      limit: { most: 1, since: createdAt },
    });
  await Promise.all(Array.from({ length: count }, (_, n) => add(`m${n}`)));
}

test('a store is sealed again while it serves, after kill -9 another run does the rest, and then the old key is not needed', async () => {
  const store = await filledDatabase();
  let api = await serve(store);
  const post = () =>
    api.post('/v1/tenants/acme/tokens', { scopes: ['read'] }, { headers: { 'idempotency-key': 'once' } });
  const { body: token } = await post();
  await addMail(api.store, 250);
  await api.close();

  api = await serveWith(store, `${NEW},${OLD}`);
  const put = async (n: number) => {
    const { certificateChain, privateKey } = await issue([`h${n}.acme.example.com`]);
    return api.put(`/v1/tenants/acme/certificates/c${n % 3}`, { certificateChain, privateKey });
  };
  let isDone = false;
  const writer = (async () => {
    for (let n = 0; !isDone; n++) expect((await put(n)).status).toBeLessThan(300);
  })();
  expect(spawnSync(process.execPath, [KILLED, store, `${NEW},${OLD}`]).signal).toBe('SIGKILL');
  vi.stubEnv('GATEHOUSE_SEALING_KEYS', `${NEW},${OLD}`);
  const { json: halfway } = await sealingStatus({ store });
  const { stale } = halfway as { stale: number };
  expect(stale).toBeGreaterThan(100);
  expect(stale).toBeLessThan(250);
  const { json, text, exit } = await rotated(store, `${NEW},${OLD}`);
  expect(json).toEqual({ ok: true, key: 'next', resealed: stale, left: 0, unopened: [] });
  expect([text, exit]).toEqual([`${stale} secrets sealed again with the key next, 0 left`, undefined]);
  isDone = true;
  await writer;
  await api.close();

  api = await serveWith(store, NEW);
  const again = await post();
  expect([again.headers.get('idempotency-replayed'), again.body]).toEqual(['true', token]);
  const sealer = await Sealer.from(NEW);
  const { findings } = await withDatabase(store, (database) => diagnose(database, false, sealer));
  expect(findings.filter(({ severity }) => severity === 'error')).toEqual([]);
  await api.close();
  for (const secret of [OLD, NEW]) expect(api.said().join()).not.toContain(secret.split(':')[1]);
});

test('a damaged secret is named and left, and the rest is sealed again', async () => {
  const store = await newDatabase();
  let api = await serve(store);
  await addMail(api.store, 3);
  await api.close();
  await damage(store, `update mail set sealed = (select sealed from mail where id = 'm1') where id = 'm2'`);
  api = await serveWith(store, `${NEW},${OLD}`);
  await api.close();
  const { json, exit, why } = await rotated(store, `${NEW},${OLD}`);
  const unopened = [{ what: 'messages', at: 'm2', keyId: 'test' }];
  expect(json).toEqual({ ok: false, key: 'next', resealed: 2, left: 1, unopened });
  expect([exit, why]).toEqual([1, expect.stringContaining('do not open')]);
});

test('after the statements of docs/operate/sealing.md about a lost key, nothing is sealed with it', async () => {
  const text = readFileSync(new URL('../../docs/operate/sealing.md', import.meta.url), 'utf8');
  const lost = /```sql\n([\s\S]+?)```/.exec(text)![1]!.replaceAll("'main", "'test");
  const store = await filledDatabase();
  let api = await serve(store);
  await addMail(api.store, 1);
  await api.post('/v1/tenants/acme/tokens', { scopes: ['read'] }, { headers: { 'idempotency-key': 'once' } });
  await api.close();
  await damage(
    store,
    `insert into acme_account values ('https://authority.test', 'https://authority.test/1', 'test', 'sealed')`,
    `insert into sealed_key (tenant, id, key_id, sealed) values ('acme', 'k1', 'test', 'sealed')`,
    `insert into automatic_name (tenant, name, certificate, challenge, wanted, step, reason, failures, due_at, version, chain, key)
     values ('acme', 'a.test', 'auto', 'any', 1, 'idle', '', 0, 9, 1, 'chain', 'k1'),
            ('acme', 'b.test', 'auto', 'any', 1, 'idle', '', 0, 9, 1, 'chain', 'k2')`,
  );
  await damage(store, ...lost.split(';').filter((statement) => statement.trim() !== ''));
  api = await serveWith(store, NEW);
  const names = await api.store.automatic.list({ tenant: 'acme', certificate: 'auto' }, { limit: 9 });
  expect(names.map(({ chain, key, dueAt, version }) => [chain, key, dueAt, version])).toEqual([
    [null, null, 0, 2],
    ['chain', 'k2', 9, 1],
  ]);
  await api.close();
  vi.stubEnv('GATEHOUSE_SEALING_KEYS', NEW);
  const { json } = await sealingStatus({ store });
  const counts = (json as { sealed: { counts: object }[] }).sealed.map((each) => each.counts);
  expect(counts).toEqual([{}, {}, {}, {}]);
});

test('keys that no process has started with are refused', async () => {
  const store = await newDatabase();
  await (await serve(store)).close();
  await expect(rotated(store, `${NEW},${OLD}`)).rejects.toThrow("No process has started with the key 'next' yet");
  // The status only reads, so an operator can look in the middle of a change, and without any key.
  expect((await sealingStatus({ store })).json).toMatchObject({ keys: ['next', 'test'], stale: expect.any(Number) });
  vi.unstubAllEnvs();
  const without = await sealingStatus({ store });
  expect(without.json).toMatchObject({ keys: [], sealed: expect.any(Array) });
  expect(without.json).not.toHaveProperty('stale');
  await expect(rotated(store, NEW)).rejects.toThrow('none of the sealing keys has an id that this store knows');
  await expect(rotated(store, `test:${NEW.slice(5)}`)).rejects.toThrow("the sealing key 'test' is another key");
});

test('every command of docs/operate/sealing.md works, and shows what it says', { timeout: 180_000 }, async () => {
  const text = readFileSync(new URL('../../docs/operate/sealing.md', import.meta.url), 'utf8');
  const store = await filledDatabase();
  const api = await serveWith(store, `2027:${NEW.slice(5)},${OLD}`);
  await api.close();
  const commands = [...text.matchAll(/^ *npx gatehouse (.+)$/gm)].map(([, words = '']) => words.split(' '));
  expect(commands).toEqual([
    ['sealing', 'rotate'],
    ['sealing', 'status'],
  ]);
  vi.stubEnv('GATEHOUSE_STORE', store);
  vi.stubEnv('GATEHOUSE_SEALING_KEYS', `2027:${NEW.slice(5)},${OLD}`);
  const answers = commands.map((words) => gatehouse(...words));
  expect(answers).toMatchObject([
    { status: 0, stderr: '' },
    { status: 0, stderr: '' },
  ]);
  for (const [, words = ''] of text.matchAll(/# → (.+)$/gm)) expect(answers[0]!.stdout).toContain(words);
  expect(answers[1]!.stdout).toMatch(/^SEALED +KEY +NUMBER\nprivate keys +2027 +1\n$/);
});
