import { expect, test } from 'vitest';
import { withDatabase } from '../../cli/keeping/database.ts';
import { diagnose } from '../../cli/keeping/doctor.ts';
import { damage, fill, newDatabase, serve } from './database.ts';

const examine = (url: string) => withDatabase(url, (database) => diagnose(database, false));

async function filled(): Promise<string> {
  const url = await newDatabase();
  const api = await serve(url);
  await fill(api);
  await api.close();
  return url;
}

test('a store that the API wrote is whole', async () => {
  expect(await examine(await filled())).toEqual({ tenants: 2, revisions: 9, findings: [] });
});

test.for([
  [
    'a spec that was changed by hand',
    [`update resource_version set spec = replace(spec, '3s', '4s') where tenant = 'acme' and from_revision = 5`],
    ['tenants/acme/revisions/5', 'the hash differs'],
  ],
  [
    'a resource that was lost',
    [`delete from resource_version where tenant = 'rival' and kind = 'upstream'`],
    ['tenants/rival/revisions/1', 'the hash differs'],
  ],
  [
    'a revision that was lost',
    [`delete from revision where tenant = 'acme' and number = 4`],
    ['tenants/acme/revisions/4', 'it is not there, though a later one is'],
  ],
  [
    'a revision with another parent',
    [`update revision set parent = 1 where tenant = 'acme' and number = 4`],
    ['tenants/acme/revisions/4', 'its parent is 1, not 3'],
  ],
  [
    'a head that stayed behind',
    [`update tenant set revision = 7 where name = 'acme'`],
    ['tenants/acme/revisions/8', "it is later than the tenant's head, 7"],
  ],
  [
    'a version that another covers',
    [`update resource_version set to_revision = 4 where tenant = 'acme' and kind = 'route' and from_revision = 1`],
    ['tenants/acme/revisions/3', 'it has two versions of route/web'],
  ],
  [
    'a claim that was lost',
    [`delete from host_claim where host = 'rival.example.com'`],
    ['tenants/rival', 'its gateways name the host rival.example.com, but it does not hold it'],
  ],
  [
    'a claim under that of another',
    [
      `insert into host_claim (host, tenant, reversed) values ('x.rival.example.com', 'acme', 'com.example.rival.x'), ('*.rival.example.com', 'rival', 'com.example.rival.*')`,
    ],
    ['host_claim/x.rival.example.com', "'acme' holds it under *.rival.example.com of 'rival'"],
  ],
  [
    'a private key that was lost',
    [`delete from sealed_key where tenant = 'acme'`],
    ['tenants/acme/certificates/web', 'its private key is not there'],
  ],
  ['a gap in the feed', ['delete from feed where seq = 3'], ['fleets/public', 'its feed has']],
  [
    'what belongs to nobody',
    [`insert into sealed_key (tenant, id, key_id, sealed) values ('ghost', 'a', 'b', 'c')`],
    ['sealed_key/ghost', "it belongs to the tenant 'ghost', which is not there"],
  ],
] as const)('%s is found, and where', async ([, statements, [at, problem]]) => {
  const url = await filled();
  await damage(url, ...statements);
  const { findings } = await examine(url);
  const found = findings.find((finding) => finding.at === at && finding.problem.includes(problem));
  expect(found, JSON.stringify(findings)).toMatchObject({ severity: 'error', remedy: expect.any(String) });
});

test('what only takes room is a warning', async () => {
  const url = await filled();
  await damage(url, `insert into sealed_key (tenant, id, key_id, sealed) values ('acme', 'unused', 'b', 'c')`);
  expect((await examine(url)).findings).toMatchObject([{ severity: 'warning', at: 'tenants/acme' }]);
});
