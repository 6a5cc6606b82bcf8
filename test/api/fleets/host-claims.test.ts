/**
 * Whatever operators and tenants do at the same time, a shared fleet serves a host for one tenant at most, which has
 * claimed the host and had proven it then.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { withdrawRivals } from '../../../api/domain-checks/withdraw.ts';
import { isProven } from '../../../api/domains/proven.ts';
import { isOnShared } from '../../../api/serving/serving.ts';
import { overlapping } from '../../../api/store/hosts.ts';
import { newFile } from '../../keeping/database.ts';
import { elsewhere } from '../engine.ts';
import { gateway, type Harness, harness, SHARED_FLEET } from '../harness.ts';

const inFile = inject('postgres') === undefined ? { GATEHOUSE_STORE: newFile() } : undefined;
const TENANTS = ['acme', 'rival'];
const DOMAINS = ['a.test', 'b.a.test'];
const HOSTS = ['a.test', 'b.a.test', '*.a.test', 'c.b.a.test', '*.b.a.test'];
const LABELS = { x: { x: '1' }, y: { y: '1' }, both: { x: '1', y: '1' } };

let api: Harness;
beforeAll(async () => {
  if (elsewhere !== undefined) return;
  api = await harness({ ...inFile, GATEHOUSE_DOMAIN_PROOF: 'required', GATEHOUSE_DOMAIN_CHECK: String(1e9) });
  for (const name of TENANTS) await api.post('/v1/tenants', { name });
});
afterAll(() => api?.close());

const tenant = fc.constantFrom(...TENANTS);
const labels = fc.constantFrom(...Object.values(LABELS));
const selector = fc.constantFrom(LABELS.x, LABELS.y);
/** The shared fleet, or the fleet of a tenant. */
const owner = fc.constantFrom(undefined, undefined, ...TENANTS);
const nameOf = (owner: string | undefined) => (owner === undefined ? 'public' : `${owner}-own`);
const domain = fc.constantFrom(...DOMAINS);
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('add fleet' as const), owner, labels }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('label fleet' as const), owner, labels }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('end fleet' as const), owner }) },
  {
    weight: 4,
    arbitrary: fc.record({
      verb: fc.constant('write' as const),
      ...{ tenant, selector, name: fc.constantFrom('one', 'two') },
      hosts: fc.subarray(HOSTS, { minLength: 1, maxLength: 2 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('prove' as const), tenant, domain }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('give up' as const), tenant, domain }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** @returns the status of the response */
async function take(each: Step): Promise<number> {
  switch (each.verb) {
    case 'add fleet': {
      const { owner, labels } = each;
      const body = { ...SHARED_FLEET, name: nameOf(owner), labels };
      const path = owner === undefined ? '/v1/fleets' : `/v1/tenants/${owner}/fleets`;
      return (await api.post(`${path}?force=true`, body)).status;
    }
    case 'label fleet':
      return (await api.patch(`/v1/fleets/${nameOf(each.owner)}?force=true`, { labels: each.labels })).status;
    case 'end fleet':
      return (await api.remove(`/v1/fleets/${nameOf(each.owner)}?force=true`)).status;
    case 'write': {
      const { tenant, name, selector, hosts } = each;
      return (await api.put(`/v1/tenants/${tenant}/gateways/${name}`, { ...gateway(...hosts), selector })).status;
    }
    case 'give up':
      return (await api.remove(`/v1/tenants/${each.tenant}/domains/${each.domain}`)).status;
    case 'prove': {
      const { tenant, domain: name } = each;
      const { status } = await api.post(`/v1/tenants/${tenant}/domains`, { name });
      const found = await api.store.domains.find(tenant, name);
      if (!found) return status;
      const proved = { tenant, name, token: found.token, at: Date.now(), nextCheckAt: Date.now() + 1e9 };
      if ((await api.store.domains.prove(proved, undefined)) === 'proven')
        await withdrawRivals(api.app!.services, found);
      return status;
    }
  }
}

async function claims(): Promise<{ tenant: string; host: string }[]> {
  const { driver } = await api.database();
  const [rows] = await driver.batch([{ sql: 'select tenant, host from host_claim order by host', params: [] }]);
  await driver.close();
  return rows!.map(([tenant, host]) => ({ tenant: String(tenant), host: String(host) }));
}

async function proven(): Promise<Set<string>> {
  const found = new Set<string>();
  for (const tenant of TENANTS)
    for (const host of HOSTS) if (await isProven(api.app!.services, tenant, host)) found.add(`${tenant} ${host}`);
  return found;
}

/** The hosts that shared fleets serve, with their tenants. */
async function served(): Promise<string[]> {
  const fleets = await api.store.fleets.list({ limit: 9 });
  const found: string[] = [];
  for (const tenant of TENANTS) {
    const { items } = (await api.get(`/v1/tenants/${tenant}/gateways`)).body;
    for (const { spec } of items)
      if (isOnShared(fleets, tenant, spec))
        for (const host of spec.servers[0].hosts) if (host !== 'withdrawn') found.push(`${tenant} ${host}`);
  }
  return found;
}

/** Removes what an earlier sequence left. */
async function clear(): Promise<void> {
  for (const owner of [undefined, ...TENANTS]) await take({ verb: 'end fleet', owner });
  for (const tenant of TENANTS) {
    for (const name of ['one', 'two']) await api.remove(`/v1/tenants/${tenant}/gateways/${name}`);
    for (const domain of DOMAINS) await take({ verb: 'give up', tenant, domain });
  }
}

async function state() {
  const all = await claims();
  for (const { tenant, host } of all) {
    const others = all.filter((each) => each.tenant !== tenant).map((each) => each.host);
    expect(overlapping(others)(host)).toBe(false);
  }
  return { claims: all.map(({ tenant, host }) => `${tenant} ${host}`), proven: await proven() };
}

async function holds(sequence: readonly Step[][]): Promise<void> {
  await clear();
  // On fleets of their own, tenants may have hosts that they have not proven.
  for (const owner of TENANTS) await take({ verb: 'add fleet', owner, labels: LABELS.x });
  let before = await state();
  for (const steps of sequence) {
    const statuses = await Promise.all(steps.map(take));
    for (const status of statuses) expect(status).toBeLessThan(500);
    // No tenant stops the operator.
    const [only] = steps;
    if (steps.length === 1 && only && 'owner' in only && only.owner === undefined)
      expect([200, 201, 204, only.verb === 'add fleet' ? 409 : 404]).toContain(statuses[0]);
    const after = await state();
    for (const each of after.claims)
      if (!before.claims.includes(each)) expect([...before.proven, ...after.proven]).toContain(each);
    for (const each of await served()) expect(after.claims).toContain(each);
    before = after;
  }
}

test.skipIf(elsewhere !== undefined)('a shared fleet serves only hosts that one tenant has claimed and proven', () => {
  const sequence = fc.array(fc.array(step, { minLength: 1, maxLength: 2 }), { minLength: 15, maxLength: 20 });
  return fc.assert(fc.asyncProperty(sequence, holds), { numRuns: 4, seed: 7 });
});
