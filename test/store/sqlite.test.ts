import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Driver, Unavailable } from '../../api/store/driver.ts';
import { migrate } from '../../api/store/migrate.ts';
import { openDatabase, openStore } from '../../api/store/open.node.ts';
import { sqliteDriver } from '../../api/store/sqlite.ts';
import { createStore } from '../../api/store/store.ts';
import { describeStore } from './contract.ts';
import { audit, commit, committed, tenant } from './fixtures.ts';
import { describeInterleavings } from './interleavings.ts';
import { reused, SQLITE_TABLES, withOneStore } from './reused.ts';

async function opened(url: string) {
  const { driver, migrations } = await openDatabase(url, { create: true });
  await migrate(driver, migrations);
  return driver;
}

describeStore(
  'SQLite',
  withOneStore(
    reused(async () => {
      const driver = await opened('sqlite::memory:');
      return { stores: [createStore('sqlite', driver)], driver };
    }, SQLITE_TABLES),
  ),
);

describeInterleavings(
  'SQLite',
  reused(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-store-'));
    const url = `sqlite:${join(folder, 'data.db')}`;
    const driver = await opened(url);
    // Two on one file, as of an API and a tool beside it.
    const stores = [createStore('sqlite', driver), await openStore(url)];
    return { stores, driver, close: async () => rmSync(folder, { recursive: true }) };
  }, SQLITE_TABLES),
  15,
);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-store-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('opening', () => {
  test('a file is created with its folder, and keeps what was written', async () => {
    const url = `sqlite:${join(folder, 'new', 'data.db')}`;
    const first = await openStore(url);
    await first.tenants.create(tenant('acme'), audit);
    await committed(first, commit('acme', 1, { puts: [['route', 'a']] }));
    await first.close();
    const second = await openStore(url);
    expect(await second.configuration.resources('acme')).toHaveLength(1);
    await second.close();
  });

  test('a new file is its owner’s alone', async () => {
    const path = join(folder, 'data.db');
    const store = await openStore(`sqlite:${path}`);
    await store.tenants.create(tenant('acme'), audit);
    for (const file of [path, `${path}-wal`]) expect(statSync(file).mode & 0o077).toBe(0);
    await store.close();
  });

  test('two at once on a new file both find it migrated', async () => {
    const url = `sqlite:${join(folder, 'data.db')}`;
    const stores = await Promise.all([openStore(url), openStore(url)]);
    const outcomes = await Promise.all(stores.map((store) => store.tenants.create(tenant('acme'), audit)));
    expect(outcomes.toSorted()).toEqual(['created', 'taken']);
    for (const store of stores) await store.close();
  });

  test.for(['', 'data.db', 'sqlite:', 'sqlite://host/data.db'])(
    'the URL "%s" is refused with what was expected',
    async (url) => {
      await expect(openStore(url)).rejects.toThrow('write sqlite:PATH');
    },
  );

  test('a database that a newer version wrote is refused', async () => {
    const path = join(folder, 'data.db');
    await (await openStore(`sqlite:${path}`)).close();
    const newer = sqliteDriver(path);
    await newer.batch([{ sql: "insert into gatehouse_migration (tag) values ('9999_future')", params: [] }]);
    await newer.close();
    await expect(openStore(`sqlite:${path}`)).rejects.toThrow(/newer Gatehouse.*9999_future/);
  });

  test('a migration that fails leaves nothing of itself', async () => {
    const driver = sqliteDriver(':memory:');
    const broken = { tag: '0000_broken', sql: 'create table a (x)--> statement-breakpoint\ncreate table a (x)' };
    await expect(migrate(driver, [broken])).rejects.toThrow('already exists');
    expect(await driver.all("select name from sqlite_master where name = 'a'", [])).toEqual([]);
    await migrate(driver, [{ tag: '0000_broken', sql: 'create table a (x)' }]);
    await driver.close();
  });
});

describe('group commit', () => {
  test('a batch that fails does not affect batches that are queued with it', async () => {
    const driver = sqliteDriver(':memory:');
    await driver.batch([{ sql: 'create table n (n integer primary key)', params: [] }]);
    const insert = (...numbers: number[]) =>
      driver.batch(numbers.map((n) => ({ sql: 'insert into n values (?) returning n', params: [n] })));
    const outcomes = await Promise.allSettled([insert(1), insert(2, 1), insert(3, 4), insert(4), insert(5)]);
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(outcomes[2]).toMatchObject({ value: [[[3]], [[4]]] });
    expect(await driver.all('select n from n order by n', [])).toEqual([[1], [3], [4], [5]]);
    await driver.close();
  });

  test('what is only noted is there, and waits for no disk unless something durable goes with it', async () => {
    const path = join(folder, 'data.db');
    const driver = sqliteDriver(path);
    await driver.batch([{ sql: 'create table n (n integer primary key)', params: [] }]);
    const insert = (n: number) => [{ sql: 'insert into n values (?)', params: [n] }];
    // 2 = FULL, 1 = NORMAL: https://www.sqlite.org/pragma.html#pragma_synchronous
    const level = async () => (await driver.all('pragma synchronous', []))[0]?.[0];
    await driver.note!(insert(1));
    expect(await level()).toBe(1);
    await Promise.all([driver.note!(insert(2)), driver.batch(insert(3))]);
    expect(await level()).toBe(2);
    await driver.note!(insert(4));
    await driver.close();
    const again = sqliteDriver(path);
    expect(await again.all('select n from n order by n', [])).toEqual([[1], [2], [3], [4]]);
    await again.close();
  });

  test('what is queued when the store closes is still written', async () => {
    const path = join(folder, 'data.db');
    const store = await openStore(`sqlite:${path}`);
    const created = store.tenants.create(tenant('acme'), audit);
    await store.close();
    expect(await created).toBe('created');
    const again = await openStore(`sqlite:${path}`);
    expect(await again.tenants.find('acme')).toBeDefined();
    await again.close();
  });
});

describe('where there is no room', () => {
  test('a write is Unavailable, whole or absent, and the store answers once a write works again', async () => {
    const driver = sqliteDriver(join(folder, 'data.db'));
    const store = await openStore(`sqlite:${join(folder, 'data.db')}`);
    await store.close();
    const full = createStore('sqlite', driver);
    await full.tenants.create(tenant('acme'), audit);
    const [[pages]] = (await driver.all('pragma page_count', [])) as [[number]];
    await driver.all(`pragma max_page_count = ${pages}`, []);
    const large = commit('acme', 1, { puts: [['route', 'a', { text: 'x'.repeat(100_000) }]] });
    await expect(full.commits.write(large)).rejects.toThrow(Unavailable);
    await expect(full.ping()).rejects.toThrow(Unavailable);
    expect(await full.tenants.find('acme')).toMatchObject({ revision: 0 });
    expect(await full.revisions.find('acme', 1)).toBeUndefined();
    await driver.all('pragma max_page_count = 100000', []);
    await expect(full.ping()).resolves.toBeUndefined();
    await committed(full, large);
    expect(await full.idempotency.find('', 'probe', Date.now())).toBeUndefined();
    await full.close();
  });

  test('a file that became read-only, or that another process holds, is Unavailable', async () => {
    const driver = sqliteDriver(join(folder, 'data.db'));
    await driver.batch([{ sql: 'create table n (n integer primary key)', params: [] }]);
    const insert = () => driver.batch([{ sql: 'insert into n values (1)', params: [] }]);
    await driver.all('pragma query_only = 1', []);
    await expect(insert()).rejects.toThrow(Unavailable);
    await driver.all('pragma query_only = 0', []);
    const other = new Database(join(folder, 'data.db'));
    other.exec('begin immediate');
    await driver.all('pragma busy_timeout = 1', []);
    await expect(insert()).rejects.toThrow(Unavailable);
    other.exec('rollback');
    await insert();
    other.close();
    await driver.close();
  });
});

describe('a large batch', () => {
  const text = 'x'.repeat(300_000);
  const insert = (n: number, value = text) => ({ sql: 'insert into n values (?, ?)', params: [n, value] });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  let driver: Driver;
  const count = async () => Number((await driver.all('select count(*) from n', []))[0]![0]);
  beforeEach(async () => {
    driver = sqliteDriver(join(folder, 'data.db'));
    await driver.batch([{ sql: 'create table n (n integer primary key, t text)', params: [] }]);
  });
  afterEach(() => driver.close());

  test('is written while others read what was before it, and is there as a whole', async () => {
    let isDone = false;
    const written = driver.batch(Array.from({ length: 20 }, (_, n) => insert(n))).then(() => (isDone = true));
    const seen: number[] = [];
    while (!isDone) {
      seen.push(await count());
      await turn();
    }
    await written;
    expect(seen[0]).toBe(0);
    expect(seen.filter((rows) => rows !== 0 && rows !== 20)).toEqual([]);
    expect(await count()).toBe(20);
  });

  test('keeps the order of writes before and after it', async () => {
    const set = (value: string) => ({ sql: 'insert or replace into n values (1, ?)', params: [value] });
    const ends: string[] = [];
    await Promise.all([
      driver.batch([set('before')]).then(() => ends.push('before')),
      driver.batch([set(text), set(text), set('large')]).then(() => ends.push('large')),
      driver.batch([set('after')]).then(() => ends.push('after')),
    ]);
    expect(ends).toEqual(['before', 'large', 'after']);
    expect(await driver.all('select t from n', [])).toEqual([['after']]);
  });

  test('that fails leaves nothing, and the next is written', async () => {
    const failed = driver.batch([insert(1), insert(2), insert(1)]);
    const next = driver.batch([insert(3, 'small')]);
    await expect(failed).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT_PRIMARYKEY' });
    await next;
    expect(await driver.all('select n from n', [])).toEqual([[3]]);
  });

  test('is waited for when the database is closed', async () => {
    const written = driver.batch([insert(1), insert(2), insert(3)]);
    await turn();
    await driver.close();
    await written;
    driver = sqliteDriver(join(folder, 'data.db'));
    expect(await count()).toBe(3);
  });
});
