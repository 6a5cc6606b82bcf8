import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../../e2e/process.ts';
import { type Harness, harness, SHARED_FLEET, tenantWithRoute, upstream } from '../harness.ts';
import { issue } from './authority.ts';

const SECONDS = 1 / 86_400;
const at = '/v1/tenants/acme';

let api: Harness;
let old: { certificateChain: string; privateKey: string };
/** The revision that first held the certificate, when it was still good. */
let revision: number;
beforeAll(async () => {
  api = await harness();
  await api.post('/v1/fleets', SHARED_FLEET);
  await tenantWithRoute(api, 'acme');
  const days = 5 * SECONDS;
  const { certificateChain, privateKey } = await issue(['acme.example.com'], 'ECDSA P-256', { days });
  old = { certificateChain, privateKey };
  const put = await api.put(`${at}/certificates/web`, old);
  expect(put.status).toBe(201);
  revision = Number(put.headers.get('gatehouse-revision'));
  const notAfter = Date.parse(put.body.info.notAfter);
  await until('the certificate to expire', () => Date.now() > notAfter);
});
afterAll(() => api.close());

const warning = {
  resource: 'certificates/web',
  kind: 'certificate',
  name: 'web',
  path: '/certificateChain',
  code: 'expired',
  message: expect.stringContaining('expired on'),
};

describe('a certificate that has expired since it was written', () => {
  test.for(['as it is read back', 'with its key', 'in another form of PEM'])(
    'does not stop a PUT of the configuration that holds it, %s: a warning',
    async (how) => {
      const { body: document } = await api.get(`${at}/configuration`);
      if (how === 'with its key') document.certificates.web = old;
      if (how === 'in another form of PEM')
        document.certificates.web.certificateChain = old.certificateChain.replaceAll('\n', '\r\n');
      document.upstreams.web = upstream(`10.0.0.${how.length}`);
      const { status, body } = await api.put(`${at}/configuration`, document);
      expect([status, body.changed], JSON.stringify(body)).toEqual([201, true]);
      expect(body.warnings).toContainEqual({ ...warning, pointer: '/certificates/web/certificateChain' });
    },
  );

  test('does not stop several puts at once, nor a PUT or PATCH of its own labels', async () => {
    const { certificateChain } = old;
    const puts = [{ kind: 'certificate', name: 'web', spec: { certificateChain, labels: { a: 'b' } } }];
    expect((await api.post(`${at}/revisions`, { puts })).status).toBe(201);
    expect((await api.put(`${at}/certificates/web`, { certificateChain, labels: { a: 'c' } })).status).toBe(200);
    expect((await api.patch(`${at}/certificates/web`, { labels: { a: 'd' } })).status).toBe(200);
  });

  test('does not stop a restore of a revision that holds it: a warning', async () => {
    const { certificateChain, privateKey } = await issue(['acme.example.com']);
    expect((await api.put(`${at}/certificates/web`, { certificateChain, privateKey })).status).toBe(200);
    const { status, body } = await api.post(`${at}/revisions`, { restore: revision });
    expect(status).toBe(201);
    expect(body.warnings).toContainEqual(warning);
    expect((await api.get(`${at}/certificates/web`)).body.spec.certificateChain).toBe(old.certificateChain);
  });

  test('is rejected where it is new, and under another name', async () => {
    const again = await api.put(`${at}/certificates/other`, old);
    expect([again.status, again.body.violations[0].code]).toEqual([422, 'expired']);
    const document = (await api.get(`${at}/configuration`)).body;
    document.certificates.web = await issue(['a.test'], 'ECDSA P-256', { days: -1 });
    delete document.certificates.web.keys;
    const { status, body } = await api.put(`${at}/configuration`, document);
    expect([status, body.violations]).toEqual([
      422,
      [expect.objectContaining({ code: 'expired', pointer: '/certificates/web/certificateChain' })],
    ]);
  });
});
