import { describe, expect, test } from 'vitest';
import { keyContext } from '../../api/secrets/contexts.ts';
import { Sealer } from '../../api/secrets/seal.ts';
import { withDatabase } from '../../cli/keeping/database.ts';
import { diagnose } from '../../cli/keeping/doctor.ts';
import { issue } from '../api/certificates/authority.ts';
import { gateway, type Harness, SHARED_FLEET, upstream } from '../api/harness.ts';
import { damage, filledDatabase, SEALING, serve } from './database.ts';

const token = (scopes: string) => `update token set id = 't', scopes = '${scopes}' where tenant = 'acme'`;

const sealer = await Sealer.from(SEALING.GATEHOUSE_SEALING_KEYS);
const examine = (url: string) => withDatabase(url, (database) => diagnose(database, false, sealer));

async function filled(more?: (api: Harness) => Promise<unknown>): Promise<string> {
  const url = await filledDatabase();
  if (!more) return url;
  const api = await serve(url);
  await more(api);
  await api.close();
  return url;
}

test('a store that the API wrote is whole', async () => {
  expect(await examine(await filled())).toEqual({ tenants: 2, revisions: 9, findings: [] });
});

const relabel = (fleet: string, labels: object) => (api: Harness) =>
  api.patch(`/v1/fleets/${fleet}?force=true`, { labels });
const remove = (what: string) => (api: Harness) => api.remove(`/v1/${what}`);
const write = (api: Harness) => api.put('/v1/tenants/rival/upstreams/more', upstream());

test.for([
  ['a tenant was deleted', [remove('tenants/acme')]],
  ['a tenant was deleted, and others went on', [remove('tenants/acme'), write]],
  [
    'a fleet was relabelled and a tenant deleted',
    [relabel('public', { ingress: 'public', a: 'b' }), write, remove('tenants/rival')],
  ],
  [
    'a tenant was deleted and a fleet relabelled',
    [remove('tenants/acme'), relabel('public', { ingress: 'public', a: 'b' }), write],
  ],
  ['a fleet serves nobody any more', [relabel('public', { a: 'b' }), remove('tenants/acme'), write]],
  ['a dedicated fleet was relabelled', [relabel('own', { a: 'b' }), remove('tenants/rival')]],
  ['a fleet was deleted', [remove('fleets/public?force=true'), remove('tenants/acme'), write]],
] as const)('a store is whole after %s', async ([, steps]) => {
  const url = await filled(async (api) => {
    const own = { ...SHARED_FLEET, name: 'own', labels: { ingress: 'own' }, tenant: 'acme' };
    expect((await api.post('/v1/fleets', own)).status).toBe(201);
    const put = await api.put('/v1/tenants/acme/gateways/own', {
      ...gateway('own.test'),
      selector: { ingress: 'own' },
    });
    expect(put.status).toBe(201);
    for (const step of steps) expect((await step(api)).status).toBeLessThan(300);
  });
  expect((await examine(url)).findings).toEqual([]);
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
    ['tenants/rival', 'its gateways name the host rival.example.com, but it does not claim it'],
  ],
  [
    'a claim under that of another',
    [
      `insert into host_claim (host, tenant, reversed) values ('x.rival.example.com', 'acme', 'com.example.rival.x'), ('*.rival.example.com', 'rival', 'com.example.rival.*')`,
    ],
    ['host_claim/x.rival.example.com', "'acme' claims it, which is below *.rival.example.com of 'rival'"],
  ],
  [
    'a private key that was lost',
    [`delete from sealed_key where tenant = 'acme'`],
    ['tenants/acme/certificates/web', 'its private key is not there'],
  ],
  [
    'an entry of the audit log that was changed',
    [`update audit set actor = 'token:other' where chain like 'tenant/acme/%' and number = 3`],
    ['audit/tenant/acme/', 'its content does not have its hash'],
  ],
  [
    'an entry of the audit log that was changed with its hash',
    [`update audit set hash = previous where chain like 'tenant/acme/%' and number = 3`],
    ['audit/tenant/acme/', 'its hash of the entry before it is not the hash of that entry'],
  ],
  [
    'an entry of the audit log that was lost',
    [`delete from audit where chain like 'tenant/acme/%' and number = 3`],
    ['audit/tenant/acme/', '1 entries before it are missing'],
  ],
  [
    'the first entries of the audit log that were lost',
    [`delete from audit where chain like 'tenant/acme/%' and number < 3`],
    ['audit/tenant/acme/', 'the entries 1 to 2 are missing'],
  ],
  [
    'the last entry of the audit log that was lost',
    [`delete from audit where chain = 'platform' and number = (select number from audit_end where chain = 'platform')`],
    ['audit/platform/', '1 entries after it are missing'],
  ],
  [
    'the entries of a tenant that were lost',
    [`delete from audit where chain like 'tenant/rival/%'`],
    ['audit/tenant/rival/', 'all its entries are missing'],
  ],
  ['a gap in the feed', ['delete from feed where seq = 3'], ['fleets/public', 'its feed has']],
  [
    'what belongs to nobody',
    [`insert into sealed_key (tenant, id, key_id, sealed) values ('ghost', 'a', 'b', 'c')`],
    ['sealed_key/ghost', "it belongs to the tenant 'ghost', which is not there"],
  ],
  [
    'a claim that is sorted where it does not belong',
    [`update host_claim set reversed = 'com.example' where host = 'rival.example.com'`],
    ['host_claim/rival.example.com', 'it is sorted under com.example'],
  ],
  ['a token without scopes', [token('[]')], ['tokens/t', 'it has no scopes']],
  ['a token whose scopes are damaged', [token('["read"')], ['tokens/t', 'its scopes are damaged']],
  ['a token with the scopes of another owner', [token('["operator"]')], ['tokens/t', 'it has the scopes operator']],
  [
    'a member whose role does not exist',
    [`insert into member (tenant, person, role, created_at) values ('acme', 'p', 'king', 0)`],
    ['tenants/acme/members/p', 'its role king does not exist'],
  ],
  [
    'a person of the platform whose role does not exist',
    [
      `insert into person (id, email, email_verified, name, role, created_at, updated_at) values ('p', 'p@example.com', 1, 'P', 'king', 0, 0)`,
    ],
    ['people/p', 'its role king does not exist'],
  ],
  [
    'labels that are not those of the spec',
    [`update resource_version set labels = '{"a":"b"}' where tenant = 'rival' and kind = 'route'`],
    ['tenants/rival/routes/web', 'its labels are not those of its spec'],
  ],
  [
    'what is kept about a certificate and is not so',
    [
      `update resource_version set info = replace(info, 'acme.example.com', 'other.example.com') where kind = 'certificate'`,
    ],
    ['tenants/acme/certificates/web', 'the stored details of the certificate differ from its content'],
  ],
  [
    'a certificate that cannot be read',
    [`update resource_version set spec = replace(spec, 'MII', 'AAA') where kind = 'certificate'`],
    ['tenants/acme/certificates/web', 'the stored details of the certificate differ from its content'],
  ],
  [
    'a spec that is not JSON',
    [`update resource_version set spec = '{' where tenant = 'rival' and kind = 'gateway'`],
    ['tenants/rival/gateways/edge', 'its spec is not JSON'],
  ],
  [
    'a resource of an unknown kind',
    [`update resource_version set kind = 'gatewy' where tenant = 'rival' and kind = 'gateway'`],
    ['tenants/rival/gatewy/edge', 'it is of a kind that there is not'],
  ],
  [
    'a resource that is dated otherwise than its revision',
    [`update resource_version set updated_at = updated_at + 1 where tenant = 'rival' and kind = 'route'`],
    ['tenants/rival/routes/web', 'it is not dated as its revision is'],
  ],
  [
    'a revision that lists other changes',
    [`update revision set changes = '[]' where tenant = 'acme' and number = 4`],
    ['tenants/acme/revisions/4', 'the changes that it lists differ from the changes that it made'],
  ],
  [
    'labels of a fleet that are damaged',
    [`update fleet set labels = '{'`],
    ['fleets/public', 'its labels are damaged'],
  ],
  ['a feed that ends too early', ['update fleet set seq = seq - 1'], ['fleets/public', 'beyond its end']],
  ['a feed that ends too late', ['update fleet set seq = seq + 1'], ['fleets/public', 'its feed has no row']],
  [
    'a feed that leaves out a revision',
    [`update feed set base = 4 where tenant = 'acme' and revision = 4`],
    ['fleets/public', "its feed has nothing of 'acme' between revisions 3 and 4"],
  ],
  [
    'a feed that is ahead of a tenant',
    [`update feed set revision = 99 where tenant = 'acme' and revision = 8`],
    ['fleets/public', "its feed has revision 99 of 'acme', which is not there yet"],
  ],
] as const)('%s is found, and where', async ([, statements, [at, problem]]) => {
  const url = await filled();
  await damage(url, ...statements);
  const { findings } = await examine(url);
  const found = findings.find((finding) => finding.at.startsWith(at) && finding.problem.includes(problem));
  expect(found, JSON.stringify(findings)).toMatchObject({ severity: 'error', remedy: expect.any(String) });
});

test('a row of the feed that was lost is found, also where rows of a tenant that was deleted are missing', async () => {
  const url = await filled(remove('tenants/rival'));
  await damage(url, `delete from feed where tenant = 'acme' and revision = 8`);
  expect((await examine(url)).findings).toMatchObject([
    { at: 'fleets/public', problem: "its feed ends at revision 7 of 'acme', whose head is 8" },
  ]);
});

describe('a sealed private key', () => {
  const damaged = async (change: (id: string) => Promise<string> | string) => {
    const url = await filled();
    const [[id]] = (await withDatabase(url, ({ driver }) => driver.all('select id from sealed_key', []))) as [[string]];
    await damage(url, await change(id));
    return (await examine(url)).findings;
  };
  const sealed = async (id: string, plain: string) => {
    const { keyId, sealed } = await sealer.seal(plain, keyContext('acme', id));
    return `update sealed_key set key_id = '${keyId}', sealed = '${sealed}'`;
  };
  const finding = (problem: string) => [
    {
      severity: 'error',
      at: 'tenants/acme/certificates/web',
      problem: expect.stringContaining(problem),
      remedy: expect.any(String),
    },
  ];

  test('that is damaged', async () => {
    expect(
      await damaged(() => `update sealed_key set sealed = replace(sealed, substr(sealed, 40, 4), 'AAAA')`),
    ).toEqual(finding('does not open: it is damaged'));
    expect(await damaged(() => `update sealed_key set sealed = ''`)).toEqual(finding('does not open'));
  });

  test('that was sealed with a key that is not configured', async () => {
    expect(await damaged(() => `update sealed_key set key_id = 'gone'`)).toEqual(
      finding('does not open: sealing key gone is not configured'),
    );
  });

  test('that is of another certificate, or none', async () => {
    const other = await issue(['a.test'], 'RSA 2048');
    expect(await damaged((id) => sealed(id, other.privateKey))).toEqual(
      finding("is not that of the certificate's public key"),
    );
    expect(await damaged((id) => sealed(id, 'nothing of the kind'))).toEqual(finding('is no private key'));
  });

  test.for(['RSA 2048', 'ECDSA P-384'] as const)('that is whole, %s', async (algorithm) => {
    const { certificateChain, privateKey } = await issue(['b.test'], algorithm);
    const url = await filled((api) => api.put('/v1/tenants/acme/certificates/b', { certificateChain, privateKey }));
    expect((await examine(url)).findings).toEqual([]);
  });
});

test('data that only uses space is a warning', async () => {
  const url = await filled();
  await damage(url, `insert into sealed_key (tenant, id, key_id, sealed) values ('acme', 'unused', 'b', 'c')`);
  expect((await examine(url)).findings).toMatchObject([{ severity: 'warning', at: 'tenants/acme' }]);
});

describe('what tenants have of each other', () => {
  const open = { ...gateway('*.apps.test'), selector: { ingress: 'public' } };
  const shared = async () =>
    filled(async (api) => {
      const [server] = open.servers;
      const owner = { ...open, servers: [{ ...server, allowedRoutes: { tenants: 'all' } }] };
      const routes = {
        'acme/gateways/shared': owner,
        'acme/routes/cart': { parents: ['rival/*'], http: [{ directResponse: { status: 200 } }] },
        'rival/routes/app': {
          hosts: ['a.apps.test'],
          gateways: ['acme/shared'],
          http: [{ directResponse: { status: 200 } }],
        },
      };
      for (const [path, body] of Object.entries(routes)) {
        const [tenant, kind, name] = path.split('/');
        expect((await api.put(`/v1/tenants/${tenant}/${kind}/${name}`, body)).status, path).toBe(201);
      }
    });
  test.for([
    ['nothing', undefined, undefined],
    [
      'a host that is sorted where it does not belong',
      `update attached_host set reversed = 'test' where host = 'a.apps.test'`,
      ['error', 'attached_host/acme/a.apps.test', 'it is sorted under test'],
    ],
    [
      'a host that no route names',
      `update attached_host set host = 'b.apps.test', reversed = 'test.apps.b'`,
      ['warning', 'tenants/rival', 'it has attached b.apps.test to gateways of acme'],
    ],
    [
      'a host of a tenant that is not there',
      `update attached_host set tenant = 'ghost'`,
      ['error', 'attached_host/ghost', "belongs to the tenant 'ghost'"],
    ],
    [
      'a host that was lost',
      'delete from attached_host',
      ['warning', 'tenants/rival', 'its routes name a.apps.test of gateways of acme, but it has not attached'],
    ],
    [
      'hosts of two tenants that overlap',
      `insert into attached_host (owner, host, tenant, reversed) values ('acme', '*.apps.test', 'acme', 'test.apps.*')`,
      ['error', 'attached_host/acme/a.apps.test', "'rival' has attached it, which is below *.apps.test of 'acme'"],
    ],
    [
      'an owner of gateways that was lost',
      'delete from gateway_owner',
      ['error', 'tenants/rival', 'its routes name gateways of acme, but fleets'],
    ],
    [
      'an owner of gateways that no route names',
      `insert into gateway_owner (tenant, owner) values ('acme', 'other')`,
      ['warning', 'tenants/acme', 'it is listed as naming gateways of other'],
    ],
    [
      'a parent that was lost',
      `delete from parent_tenant where tenant = 'acme'`,
      ['error', 'tenants/acme', 'its routes name the parent rival'],
    ],
    [
      'a parent that no route names',
      `insert into parent_tenant (tenant, parent) values ('acme', 'other')`,
      ['warning', 'tenants/acme', 'it has the parent other'],
    ],
  ] as const)('%s', async ([, statement, expected]) => {
    const url = await shared();
    if (statement) await damage(url, statement);
    const { findings } = await examine(url);
    if (!expected) return expect(findings).toEqual([]);
    const [severity, at, problem] = expected;
    expect(findings).toContainEqual(
      expect.objectContaining({ severity, at, problem: expect.stringContaining(problem) }),
    );
  });
});
