import { expect, test } from 'vitest';
import type { Finding } from '../../api/keeping/finding.ts';
import { openDatabase } from '../../api/store/open.node.ts';
import { withDatabase } from '../../cli/keeping/database.ts';
import { diagnose } from '../../cli/keeping/doctor.ts';
import { gatehouse } from './command.ts';
import { damage, filledDatabase, newFile } from './database.ts';

const WRONG = 'f'.repeat(64);

async function examined(url: string): Promise<Finding[]> {
  return (await withDatabase(url, (database) => diagnose(database, false))).findings;
}

async function hashes(url: string): Promise<unknown[]> {
  const { driver } = await openDatabase(url);
  const rows = await driver.all('select content_hash from revision order by tenant, number', []);
  await driver.close();
  return rows.flat();
}

test('wrong hashes of revisions are replaced by the hashes of their rows, and the store has no faults afterwards', async () => {
  const url = await filledDatabase();
  const before = await hashes(url);
  await damage(url, `update revision set content_hash = '${WRONG}' where tenant = 'acme' and number in (2, 5)`);
  expect((await examined(url)).map(({ at }) => at)).toEqual([2, 5].map((number) => `tenants/acme/revisions/${number}`));

  const { status, stdout } = gatehouse('doctor', '--store', url, '--repair');
  for (const number of [2, 5])
    expect(stdout).toContain(`repaired: tenants/acme/revisions/${number}: its hash is now that of its content\n`);
  expect(stdout).toContain('2 tenants, 9 revisions: 0 errors, 0 warnings, 2 repaired\n');
  expect(status).toBe(0);
  expect(await hashes(url)).toEqual(before);
  expect(gatehouse('store', 'copy', '--from', url, '--to', newFile()).status).toBe(0);
  if (!url.startsWith('sqlite:')) return;
  expect(gatehouse('backup', '--store', url, '--to', `${url.slice('sqlite:'.length)}.backup`).status).toBe(0);
}, 90_000);

test('a tenant that has lost a revision keeps its hashes; another one is repaired', async () => {
  const url = await filledDatabase();
  await damage(
    url,
    `update revision set content_hash = '${WRONG}' where number = 1`,
    `delete from revision where tenant = 'acme' and number = 4`,
  );
  const { status, stdout } = gatehouse('doctor', '--store', url, '--repair', '--json');
  expect([status, JSON.parse(stdout)]).toMatchObject([1, { ok: false, repaired: ['tenants/rival/revisions/1'] }]);
  expect(await hashes(url)).toContain(WRONG);
});
