import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { type Driver, Unavailable } from '../../api/store/driver.ts';
import { openStore } from '../../api/store/open.node.ts';
import { postgresDriver } from '../../api/store/postgres.ts';
import { readPostgresUrl } from '../../api/store/postgres-url.ts';
import { copyOf } from './server.ts';

let url: string;
let driver: Driver;
const open = (parameters = '') => postgresDriver(readPostgresUrl(`${url}${parameters}`));
const run = (...statements: string[]) => driver.batch(statements.map((sql) => ({ sql, params: [] })));
beforeEach(async () => {
  url = await copyOf(inject('postgres')!);
  driver = open();
  await run('create table n (n bigint primary key, t text)');
});
afterEach(() => driver.close());

describe('a batch', () => {
  test('answers each statement’s rows, as SQLite would', async () => {
    const results = await driver.batch([
      { sql: 'insert into n values ($1, $2), ($3, $4) returning n', params: [1, 'ü"\'\n', 2 ** 53 - 1, null] },
      { sql: 'update n set t = $1 where n = $2', params: ['', 1] },
      { sql: 'select n, t from n order by n', params: [] },
    ]);
    expect(results).toEqual([
      [[1], [2 ** 53 - 1]],
      [],
      [
        [1, ''],
        [2 ** 53 - 1, null],
      ],
    ]);
  });

  test('that fails anywhere leaves nothing, and its connection goes on', async () => {
    const insert = (n: number) => ({ sql: 'insert into n values ($1, null)', params: [n] });
    for (const broken of [
      [1, 2, 1],
      [3, 3, 4],
      [5, 6, 6],
    ]) {
      await expect(driver.batch(broken.map(insert))).rejects.toMatchObject({ code: '23505', table: 'n' });
    }
    expect(await driver.all('select count(*) from n', [])).toEqual([[0]]);
    await driver.batch([insert(1), insert(2)]);
    expect(await driver.all('select count(*) from n', [])).toEqual([[2]]);
  });

  test('may be as long as a large revision', async () => {
    const many = Array.from({ length: 5_000 }, (_, i) => ({
      sql: 'insert into n values ($1, $2)',
      params: [i, 'x'.repeat(200)],
    }));
    await driver.batch(many);
    expect(await driver.all('select count(*), sum(length(t)) from n', [])).toEqual([[5_000, 1_000_000]]);
  });

  test('that a deadlock ends is tried again', async () => {
    await run("insert into n values (1, ''), (2, '')");
    const cross = (first: number, then: number) =>
      driver.batch(
        [first, then].map((n) => ({
          sql: "update n set t = t || (select 'x' from pg_sleep(0.1)) where n = $1",
          params: [n],
        })),
      );
    await Promise.all([cross(1, 2), cross(2, 1)]);
    expect(await driver.all('select t from n', [])).toEqual([['xx'], ['xx']]);
  });
});

describe('what takes too long is unavailable, not wrong', () => {
  test('a statement', async () => {
    const hasty = open('&statement_timeout=100');
    await expect(hasty.all('select pg_sleep(5)', [])).rejects.toThrow(Unavailable);
    expect(await hasty.all('select 1', [])).toEqual([[1]]);
    await hasty.close();
  });

  test('a wait for a connection', async () => {
    const narrow = open('&pool=1&connect_timeout=1');
    // The lock is acquired after the connection and held until the wait is over, so the test does not depend on the
    // machine's speed.
    await narrow.all('select 1', []);
    const holder = open('&pool=1');
    await holder.all('select pg_advisory_lock(1)', []);
    const busy = narrow.all('select 1 from pg_advisory_lock(1)', []);
    await expect(narrow.all('select 1', [])).rejects.toThrow(Unavailable);
    await holder.close();
    expect(await busy).toEqual([[1]]);
    await narrow.close();
  });
});

describe('opening', () => {
  test.for([
    ['postgres://localhost', 'write postgres://user:password@host:5432/database'],
    ['postgres://localhost/', 'write postgres://user:password@host:5432/database'],
    ['postgres://localhost/a/b', 'write postgres://user:password@host:5432/database'],
    ['postgres://u:secret@localhost/a?pol=1', "'pol' that is not known: write any of pool, statement_timeout"],
    ['postgres://u:secret@localhost/a?pool=0', "'pool' must be a whole number above 0, not '0'"],
    ['postgres://u:secret@localhost/a?sslmode=prefer', 'disable, require, verify-ca or verify-full'],
    ['postgres://u:secret@127.0.0.1:1/a', "127.0.0.1:1 does not open the database 'a' for 'u'"],
  ] as const)('%s is refused with what was expected', async ([wrong, words]) => {
    const refusal = await openStore(wrong).catch((error: Error) => error.message);
    expect(refusal).toContain(words);
    expect(refusal).not.toContain('secret');
  });

  test('a database that is not there, and a password that is wrong, are told apart', async () => {
    const at = new URL(url);
    at.pathname = '/absent';
    await expect(openStore(at.href)).rejects.toThrow('database "absent" does not exist');
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(openStore(wrong.href)).rejects.toThrow('password authentication failed');
  });

  test('a database that a newer version wrote is refused', async () => {
    await run("insert into gatehouse_migration (tag) values ('9999_future')");
    await expect(openStore(url)).rejects.toThrow(/newer Gatehouse.*9999_future/);
  });
});
