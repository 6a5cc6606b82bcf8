import { expect, inject, test } from 'vitest';
import { warningDue } from '../../../api/certificates/expiry.ts';
import type { Services } from '../../../api/context.ts';
import { warnCertificates } from '../../../api/jobs/warn-certificates.ts';
import { Outbox } from '../../../api/mail/outbox.ts';
import { Sealer } from '../../../api/secrets/seal.ts';
import { newFile } from '../../keeping/database.ts';
import { harness, SHARED_FLEET, tenantWithRoute, upstream } from '../harness.ts';
import { issue } from './authority.ts';

const DAY = 86_400_000;
const KEYS = `test:${Buffer.alloc(32, 7).toString('base64')}`;
const inFile =
  inject('worker') === undefined && inject('postgres') === undefined ? { GATEHOUSE_STORE: newFile() } : undefined;

test.for([
  [90, 22, undefined],
  [90, 20, 21],
  [90, 6.9, 7],
  [90, 0.9, 1],
  [90, 0, undefined],
  [8.4, 2.2, undefined],
  [8.4, 2, 2.1],
  [8.4, 0.6, 0.7],
] as const)(
  'of a certificate for %d days, %d days before its end, the warning of day %d is due',
  ([life, left, day]) => {
    const end = Date.parse('2030-01-01T00:00:00Z');
    const info = { notBefore: new Date(end - life * DAY).toISOString(), notAfter: new Date(end).toISOString() };
    const due = warningDue(info as never, end - left * DAY);
    if (day === undefined) expect(due).toBeUndefined();
    else expect((end - due!) / DAY).toBeCloseTo(day);
  },
);

test('who writes a certificate that expires soon gets a warning, and its keepers get one message per warning', async () => {
  const api = await harness({ GATEHOUSE_SEALING_KEYS: KEYS, ...inFile });
  await api.post('/v1/fleets', SHARED_FLEET);
  const at = '/v1/tenants/acme';
  for (const tenant of ['acme', 'other']) await tenantWithRoute(api, tenant);
  const put = async (name: string, days: number) => {
    const { certificateChain, privateKey } = await issue(['acme.example.com'], 'ECDSA P-256', { days });
    const { body } = await api.put(`${at}/certificates/${name}`, { certificateChain, privateKey });
    return body.warnings;
  };
  expect(await put('later', 60)).toEqual([]);
  expect(await put('soon', 10)).toMatchObject([
    { resource: 'certificates/soon', path: '/certificateChain', code: 'expires-soon' },
  ]);
  expect(await put('later', 61)).toEqual([]);
  expect((await api.put(`${at}/upstreams/web`, upstream('10.9.9.9'))).body.warnings).toEqual([]);

  const { driver } = await api.database();
  const people: [id: string, tenant: string, role: string][] = [
    ['ada', 'acme', 'owner'],
    ['bob', 'acme', 'gateway-admin'],
    ['cyn', 'acme', 'route-editor'],
    ['dan', 'other', 'owner'],
  ];
  for (const [id, tenant, role] of people)
    await driver.batch([
      {
        sql: `insert into person (id, email, email_verified, name, created_at, updated_at) values ('${id}', '${id}@example.com', 1, '', 0, 0)`,
        params: [],
      },
      { sql: `insert into member values ('${tenant}', '${id}', '${role}', 0)`, params: [] },
    ]);
  let now = Date.now();
  const clock = () => now;
  const sealer = await Sealer.from(KEYS);
  const mail = new Outbox({ store: api.store, sealer, settings: { mailLimit: 5 } as never, clock }, undefined);
  const run = async () => {
    const services = { store: api.store, clock, mail } as unknown as Services;
    await warnCertificates.run(services, new AbortController().signal);
    return (await api.store.mail.list({ limit: 100 })).map(({ recipient }) => recipient).sort();
  };
  const both = ['ada@example.com', 'bob@example.com'];
  expect(await run()).toEqual(both);
  now += DAY;
  expect(await run()).toEqual(both);
  now += 3 * DAY;
  expect(await run()).toEqual([...both, ...both].sort());
  await put('soon', 80);
  now += 4 * DAY;
  expect(await run()).toEqual([...both, ...both].sort());
  await driver.close();
  await api.close();
});
