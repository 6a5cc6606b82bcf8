import { spawnSync } from 'node:child_process';
import { expect, inject, test } from 'vitest';
import { statementsOf } from '../../api/store/migrate.ts';
import { openDatabase, openStore } from '../../api/store/open.node.ts';
import { copyOf } from '../postgres/server.ts';
import { gatehouse } from './command.ts';
import { newFile } from './database.ts';

/** Each run of a command loads the program, for about a second of an idle processor. */
const COMMANDS = 90_000;

const COMMAND = new URL('../../cli/gatehouse.mjs', import.meta.url).pathname;

/** A database as the version before this one left it: without the last migration, or from `without` on. */
async function previous(without?: string): Promise<string> {
  const template = inject('postgres');
  const url = template === undefined ? newFile() : await copyOf(template);
  const { driver, migrations } = await openDatabase(url, { create: true });
  if (template !== undefined)
    await driver.batch(['drop schema public cascade', 'create schema public'].map((sql) => ({ sql, params: [] })));
  await driver.batch([
    { sql: 'create table gatehouse_migration (tag text primary key not null)', params: [] },
    ...migrations
      .slice(0, without === undefined ? -1 : migrations.findIndex(({ tag }) => tag === without))
      .flatMap((migration) => [
        ...statementsOf(migration),
        { sql: `insert into gatehouse_migration (tag) values ('${migration.tag}')`, params: [] },
      ]),
  ]);
  await driver.close();
  return url;
}

/** What the version before this one writes: it knows no column that came later. */
const created = (name: string) => ({
  sql: `insert into tenant (name, display_name, labels, revision, created_at, version) values ('${name}', '${name}', '{}', 0, 1, 1)`,
  params: [],
});

test('a database of the previous version is migrated while that version continues to write', async () => {
  const url = await previous();
  const old = await openDatabase(url);
  let upgraded = false;
  const written: string[] = [];
  const writing = (async () => {
    for (let n = 0, after = 0; after < 20; n++) {
      await old.driver.batch([created(`t${n}`)]);
      written.push(`t${n}`);
      if (upgraded) after++;
    }
  })();
  const store = await openStore(url);
  upgraded = true;
  await writing;
  for (const name of written) expect(await store.tenants.find(name)).toMatchObject({ name, revision: 0, oldest: 1 });
  await store.close();
  await old.driver.close();
});

test('a migrated database has the owners of the gateways that routes name', async () => {
  const url = await previous('0015_gateway_owners');
  const { driver } = await openDatabase(url);
  const version = (kind: string, name: string, until: string, spec: object) => ({
    sql: `insert into resource_version (tenant, kind, name, from_revision, to_revision, spec, labels, updated_at) values ('acme', '${kind}', '${name}', 1, ${until}, '${JSON.stringify(spec)}', '{}', 1)`,
    params: [],
  });
  await driver.batch([
    version('route', 'named', 'null', { gateways: ['own', 'platform/public:https', 'mesh'] }),
    version('route', 'again', 'null', { gateways: ['platform/other'] }),
    version('route', 'without', 'null', { parents: ['books/*'] }),
    version('route', 'earlier', '2', { gateways: ['former/public'] }),
    version('upstream', 'any', 'null', { gateways: ['none/public'] }),
  ]);
  await driver.close();
  const store = await openStore(url);
  expect(await store.named.of('acme')).toEqual({ owners: ['platform'], parents: [] });
  await store.close();
});

test(
  'migrate --dry-run prints what would be done, and does not do it',
  async () => {
    const url = await previous();
    const { migrations, driver } = await openDatabase(url);
    await driver.close();
    const [applied, last] = [migrations.slice(0, -1), migrations.at(-1)!];
    const foreseen = gatehouse('migrate', '--store', url, '--dry-run');
    expect(foreseen.status).toBe(0);
    expect(foreseen.stdout).toContain(
      [...applied.map(({ tag }) => `there     ${tag}\n`), `to do     ${last.tag}\n`].join(''),
    );
    for (const { sql } of statementsOf(last)) expect(foreseen.stdout).toContain(sql);
    expect(gatehouse('doctor', '--store', url)).toMatchObject({
      status: 1,
      stderr: `gatehouse: The database lacks ${last.tag}: run \`npx gatehouse migrate\` first.\n`,
    });

    expect(gatehouse('migrate', '--store', url).stdout).toContain(`done      ${last.tag}\n`);
    const { stdout } = gatehouse('migrate', '--store', url, '--json');
    expect(JSON.parse(stdout)).toEqual({ applied: migrations.map(({ tag }) => tag), pending: [], dryRun: false });
    expect(gatehouse('doctor', '--store', url).status).toBe(0);
  },
  COMMANDS,
);

test(
  'a database from a newer version is refused by every command, with what to do',
  async () => {
    const url = await previous();
    expect(gatehouse('migrate', '--store', url).status).toBe(0);
    const { driver } = await openDatabase(url);
    await driver.batch([{ sql: `insert into gatehouse_migration (tag) values ('9999_tomorrow')`, params: [] }]);
    await driver.close();
    for (const command of ['migrate', 'doctor', 'api']) {
      const { status, stderr } = spawnSync(process.execPath, [COMMAND, command, '--store', url], {
        encoding: 'utf8',
        env: { ...process.env, GATEHOUSE_SEALING_KEYS: `k:${Buffer.alloc(32).toString('base64')}` },
      });
      expect({ command, status }).toEqual({ command, status: 1 });
      expect(stderr).toContain('written by a newer Gatehouse (it has the migration 9999_tomorrow)');
    }
  },
  COMMANDS,
);
