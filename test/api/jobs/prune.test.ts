import { expect, test, vi } from 'vitest';
import { kindIds, pluralOf } from '../../../model/kinds/index.ts';
import { harness, route, SHARED_FLEET, tenantWithRoute } from '../harness.ts';

const impatient = {
  GATEHOUSE_RETENTION: '20',
  GATEHOUSE_KEEP_REVISIONS: '2',
  GATEHOUSE_KEEP_REVISIONS_DAYS: '0',
  GATEHOUSE_FEED_KEEP: '1',
  GATEHOUSE_FEED_PRUNE: '20',
};

const lists = (revision: number) =>
  kindIds.flatMap((kind) =>
    ['', '&prefix=w', '&label=a=b'].map((more) => `/${pluralOf(kind)}?revision=${revision}${more}`),
  );
const singles = (revision: number) =>
  ['/routes/web', '/upstreams/web', '/gateways/edge'].map((path) => `${path}?revision=${revision}`);

test('a pruned revision gets 410, a revision that never existed gets 404, and kept revisions stay complete', async () => {
  const api = await harness(impatient);
  const at = '/v1/tenants/t';
  await api.post('/v1/fleets', SHARED_FLEET);
  await tenantWithRoute(api, 't');
  for (let n = 0; n < 5; n++) await api.put(`${at}/routes/web`, route(`h${n}.test`));
  const head = (await api.get(at)).body.revision;
  await vi.waitFor(async () => {
    const { items } = (await api.get(`${at}/revisions`)).body;
    expect(items.map(({ number }: { number: number }) => number)).toEqual([head, head - 1]);
  }, 20_000);

  const { status, body } = await api.get(`${at}/revisions/1`);
  expect(status).toBe(410);
  expect(body).toMatchObject({ code: 'revision-pruned', detail: `the oldest kept revision is ${head - 1}` });
  for (const path of [
    '/revisions/1/configuration',
    '/revisions/1/status',
    '/configuration?revision=1',
    ...lists(1),
    ...singles(1),
  ])
    expect((await api.get(at + path)).body.code, path).toBe('revision-pruned');
  expect((await api.post(`${at}/revisions`, { restore: 1 })).body.code).toBe('revision-pruned');
  const ahead = head + 1;
  for (const path of [`/revisions/${ahead}`, `/revisions/${ahead}/configuration`, `/revisions/${ahead}/status`])
    expect((await api.get(at + path)).status, path).toBe(404);
  for (const path of [`/configuration?revision=${ahead}`, ...lists(ahead), ...singles(ahead)])
    expect((await api.get(at + path)).status, path).toBe(404);
  for (const path of [...lists(head - 1), ...singles(head)]) expect((await api.get(at + path)).status, path).toBe(200);

  expect((await api.get(`${at}/revisions/${head - 1}/configuration`)).body.routes.web.hosts).toEqual(['h3.test']);
  expect((await api.post(`${at}/revisions`, { restore: head - 1 })).status).toBe(201);
  expect((await api.get(`${at}/configuration`)).body.routes.web.hosts).toEqual(['h3.test']);
  await api.close();
});

test('a tenant that wrote too much loses its oldest revisions early, and nothing that is served', async () => {
  const api = await harness({ GATEHOUSE_RETENTION: '20', GATEHOUSE_REVISION_STORAGE: '3000' });
  const at = '/v1/tenants/t';
  await api.post('/v1/fleets', SHARED_FLEET);
  await tenantWithRoute(api, 't');
  for (let n = 0; n < 9; n++) await api.put(`${at}/routes/web`, route(`h${n}.test`));
  // The job runs meanwhile, and may delete another revision between two requests.
  await vi.waitFor(async () => {
    const { items } = (await api.get(`${at}/revisions`)).body;
    expect(items.length).toBeLessThan(6);
    const oldest = items.at(-1).number;
    expect((await api.get(`${at}/revisions/${oldest - 1}/configuration`)).status).toBe(410);
    for (const path of ['/configuration', `/revisions/${oldest}/configuration`])
      expect((await api.get(at + path)).body).toMatchObject({ gateways: { edge: {} }, upstreams: { web: {} } });
  }, 20_000);
  await api.close();
});

test('a plan keeps fewer revisions for its tenants', async () => {
  const api = await harness({ GATEHOUSE_RETENTION: '20', GATEHOUSE_FEED_KEEP: '1', GATEHOUSE_FEED_PRUNE: '20' });
  await api.put('/v1/plans/trial', { quotas: { revisions: 2, revisionDays: 0 } });
  for (const name of ['small', 'large']) {
    await api.post('/v1/tenants', { name });
    for (let port = 1; port <= 5; port++)
      await api.put(`/v1/tenants/${name}/upstreams/web`, { port, endpoints: [{ address: '10.0.0.1' }] });
  }
  await api.put('/v1/tenants/small/plan', { plan: 'trial' });
  const kept = async (name: string) =>
    (await api.get(`/v1/tenants/${name}/revisions`)).body.items.map(({ number }: { number: number }) => number);
  await vi.waitFor(async () => expect(await kept('small')).toEqual([5, 4]), 20_000);
  expect(await kept('large')).toEqual([5, 4, 3, 2, 1]);
  const { quotas } = (await api.get('/v1/tenants/small/usage')).body;
  expect(quotas).toMatchObject({ revisions: { limit: 2, used: 2 }, revisionDays: { limit: 0 } });
  await api.close();
});
