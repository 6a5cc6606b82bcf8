/** Names that every object inherits, such as `constructor`, are names like others; `__proto__` is refused. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { document, type Names, names, ordinaryNames, question, renamed, written } from '../../model/free-names.ts';
import { type Harness, harness, SHARED_FLEET } from '../harness.ts';

const TENANTS = ['acme-1', 'acme-2'] as const;
let api: Harness;
beforeAll(async () => {
  api = await harness();
  for (const name of TENANTS) {
    await api.post('/v1/tenants', { name });
    const fleet = await api.post('/v1/fleets', { ...SHARED_FLEET, name: name.replace('acme', 'fleet'), tenant: name });
    expect(fleet.status).toBe(201);
  }
});
afterAll(() => api?.close());

const samples = fc.record({ names, document, questions: fc.array(question, { minLength: 1, maxLength: 3 }) });
type Sample = typeof samples extends fc.Arbitrary<infer S> ? S : never;

/** Writes a document with names, and reads everything that the API says about it. */
async function said(tenant: string, { document, questions }: Sample, names: Names) {
  const at = `/v1/tenants/${tenant}`;
  const put = await api.put(`${at}/configuration`, written(document, names));
  if (put.status === 422) return { status: put.status, violations: put.body.violations };
  expect([200, 201], JSON.stringify(put.body)).toContain(put.status);
  const { body: read } = await api.get(`${at}/configuration`);
  const again = await api.put(`${at}/configuration`, read);
  expect([again.status, again.body.changed]).toEqual([200, false]);
  const id = names.label;
  const endpoint = { address: '10.0.0.9', ttl: '60s', labels: { [id]: '1' } };
  const registered = await api.put(`${at}/upstreams/web/endpoints/${id}`, endpoint);
  const explained = [];
  for (const each of questions) explained.push((await api.post(`${at}/explain`, written(each, names))).body);
  const { body } = await api.get(`${at}/revisions/${put.body.revision}/diff?from=0`);
  return { read, warnings: put.body.warnings, registered: registered.status, explained, diff: body };
}

const ofAny = (value: unknown) => JSON.parse(JSON.stringify(value).replaceAll(/(acme|fleet)-[12]/g, '$1'));

test('they are written, read, explained and compared as ordinary names are', async () => {
  await fc.assert(
    fc.asyncProperty(samples, async (sample) => {
      const odd = await said(TENANTS[0], sample, sample.names);
      const usual = await said(TENANTS[1], sample, ordinaryNames(sample.names));
      expect(ofAny(odd)).toEqual(renamed(ofAny(usual), sample.names));
    }),
    { numRuns: 10, seed: 1, endOnFailure: true },
  );
});

test.for(['/v1/tenants', '/v1/fleets'])('a label named constructor is kept, and selects in %s', async (path) => {
  const [labels, name] = [{ constructor: 'a', toString: 'b' }, 'labelled'];
  const made = await api.post(path, {
    ...(path === '/v1/fleets' ? { ...SHARED_FLEET, tenant: TENANTS[0] } : {}),
    name,
    labels,
  });
  expect([made.status, made.body.labels]).toEqual([201, labels]);
  const namesWith = async (label: string) =>
    (await api.get(`${path}?label=${encodeURIComponent(label)}`)).body.items.map(
      (each: Names & { name: string }) => each.name,
    );
  expect([await namesWith('constructor=a'), await namesWith('valueOf=a')]).toEqual([[name], []]);
  const patched = await api.patch(`${path}/${name}`, { labels: { toString: 'b', valueOf: 'a' } });
  expect([patched.status, patched.body.labels]).toEqual([200, { toString: 'b', valueOf: 'a' }]);
});
