import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getTableName } from 'drizzle-orm';
import { getTableConfig as pgConfig } from 'drizzle-orm/pg-core';
import { getTableConfig as sqliteConfig } from 'drizzle-orm/sqlite-core';
import { describe, expect, it } from 'vitest';
import { ADVANCE } from '../../api/keeping/advance.ts';
import { CHECKS } from '../../api/keeping/doctor.ts';
import { strays } from '../../api/keeping/strays.ts';
import { shapes } from '../../api/keeping/tables.ts';
import { sealedColumns } from '../../api/secrets/sealed-columns.ts';
import { columns } from '../../api/store/dialect.ts';
import { declarations, deletedWith, tableNames, tables } from '../../api/store/tables/index.ts';

const ROOT = join(import.meta.dirname, '..', '..');

describe('a table is known wherever tables matter', () => {
  it('every file in the folder is listed', async () => {
    const files = readdirSync(join(ROOT, 'api/store/tables')).filter((file) => !/^(declare|index)\.ts$/.test(file));
    const declared = await Promise.all(files.map((file) => import(join(ROOT, 'api/store/tables', file))));
    const listed: object[] = Object.values(declarations);
    const astray = declared.flatMap((module) => Object.values<object>(module)).filter((each) => !listed.includes(each));
    expect(astray).toEqual([]);
    expect(files).toHaveLength(listed.length);
  });

  it.each(['sqlite', 'pg'] as const)('the migrations of %s make these tables and columns', (dialect) => {
    const meta = join(ROOT, 'migrations', dialect, 'meta');
    const last = readdirSync(meta)
      .filter((file) => file.endsWith('_snapshot.json'))
      .sort()
      .at(-1)!;
    const snapshot = JSON.parse(readFileSync(join(meta, last), 'utf8')) as {
      tables: Record<string, { name: string; columns: Record<string, { notNull: boolean }>; indexes: object }>;
    };
    const migrated = Object.values(snapshot.tables).map((table) => ({
      table: table.name,
      columns: Object.entries(table.columns).map(([name, { notNull }]) => `${name}${notNull ? '' : '?'}`),
      indexes: Object.keys(table.indexes).sort(),
    }));
    // One of the two, by the dialect.
    const configOf = (dialect === 'pg' ? pgConfig : sqliteConfig) as typeof sqliteConfig;
    const declared = Object.values(tables(columns[dialect])).map((table) => {
      const config = configOf(table);
      const unique = dialect === 'pg' ? [] : config.columns.filter((column) => column.isUnique);
      return {
        table: config.name,
        columns: config.columns.map((column) => `${column.name}${column.notNull || column.primary ? '' : '?'}`),
        indexes: [
          ...config.indexes.map((index) => index.config.name),
          ...unique.map((column) => column.uniqueName!),
        ].sort(),
      };
    });
    const byName = (a: { table: string }, b: { table: string }) => (a.table < b.table ? -1 : 1);
    expect(declared.sort(byName), 'run npm run migrations').toEqual(migrated.sort(byName));
  });

  it('doctor examines the tables that are declared as examined', () => {
    const examined = tableNames.filter((name) => declarations[name].facts.doctor === 'examined');
    // That rows are of tenants that exist is checked of every table: alone it is no examination.
    const judged = CHECKS.filter((check) => check !== strays).flatMap((check) => check.tables);
    expect([...new Set(judged)].sort()).toEqual(examined.sort());
  });

  it('a change of the sealing key reaches every column with sealed texts', () => {
    const t = tables(columns.sqlite);
    const sealed = tableNames.filter((name) => 'sealed' in t[name] && name !== 'sealingCheck');
    expect(sealedColumns.map(({ table }) => table)).toEqual(expect.arrayContaining(sealed));
    for (const { table, key, sealed: column, keyId = column } of sealedColumns)
      expect(Object.keys(t[table]), table).toEqual(expect.arrayContaining([...key, column, keyId]));
  });

  it('what belongs to a tenant or fleet goes with it, and restore and copy know each table', () => {
    const t = tables(columns.sqlite);
    const names = (owner: 'tenant' | 'fleet') => deletedWith(t, owner).map((table) => getTableName(table));
    const ofTenant = ['feed', 'host_claim', 'rejection', 'resource_version', 'revision', 'sealed_key'];
    expect(names('tenant')).toEqual(expect.arrayContaining(ofTenant));
    expect(names('fleet')).toEqual(expect.arrayContaining(['feed', 'node', 'rejection']));
    expect(ADVANCE).toEqual(expect.arrayContaining(['delete from feed', 'delete from node']));
    const copied = shapes.map(({ name }) => name);
    const kept = ['audit', 'fleet', 'fleet_counter', 'idempotency', 'node', 'tenant', 'token', ...ofTenant];
    expect(copied).toEqual(expect.arrayContaining(kept));
    expect(copied).not.toContain('guard');
    expect(copied.indexOf('token')).toBeGreaterThan(Math.max(copied.indexOf('tenant'), copied.indexOf('fleet')));
  });
});
