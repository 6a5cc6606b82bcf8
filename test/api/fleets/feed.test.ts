import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FeedEvent } from '../../../wire/feed.ts';
import { elsewhere } from '../engine.ts';
import {
  gateway,
  type Harness,
  harness,
  route,
  SHARED_FLEET,
  tenantWithRoute,
  tokenFor,
  upstream,
} from '../harness.ts';
import { follow } from './stream.ts';

let api: Harness;
let agent: string;
let count = 0;
let tenant: string;
beforeAll(async () => {
  api = await harness({ GATEHOUSE_HEARTBEAT: '50' });
  await api.post('/v1/fleets', SHARED_FLEET);
  await api.post('/v1/fleets', { ...SHARED_FLEET, name: 'internal', labels: { ingress: 'internal' } });
  agent = await tokenFor(api, '/v1/fleets/public');
});
beforeEach(async () => {
  tenant = `t${++count}`;
  await tenantWithRoute(api, tenant);
});
afterAll(() => api.close());

const cursor = async () => (await api.get('/v1/fleets/public', { token: agent })).body.seq as number;
const open = (query = '', fleet = 'public', token = agent) => follow(api, `/v1/fleets/${fleet}/feed${query}`, token);
type TenantEvent = Extract<FeedEvent, { type: 'tenant' }>;

describe('stream', () => {
  test('without a cursor: the fleet, then everything between snapshot and snapshot-end', async () => {
    const stream = await open();
    const events = await stream.until((event) => event.type === 'snapshot-end');
    expect(events.slice(0, 2)).toMatchObject([{ type: 'fleet', fleet: { name: 'public' } }, { type: 'snapshot' }]);
    expect(events[0]).toHaveProperty('fleet.denyDestinations', expect.arrayContaining(['127.0.0.0/8']));
    const told = events.find((event): event is TenantEvent => event.type === 'tenant' && event.tenant === tenant)!;
    expect(told).toMatchObject({ base: 0, revision: 1, deletes: [] });
    expect(told.puts.map(({ kind, name }) => `${kind} ${name}`)).toEqual(['gateway edge', 'route web', 'upstream web']);
    expect(events.at(-1)).toEqual({ type: 'snapshot-end', seq: await cursor() });
    stream.close();
  });

  test('at its head: a commit arrives, with only what changed', async () => {
    const stream = await open(`?after=${await cursor()}`);
    await stream.until((event) => event.type === 'fleet');
    await api.put(`/v1/tenants/${tenant}/upstreams/web`, upstream('10.9.9.9'));
    const [event] = await stream.until((each) => each.type === 'tenant');
    expect(event).toMatchObject({
      tenant,
      base: 1,
      revision: 2,
      seq: await cursor(),
      deletes: [],
      puts: [{ kind: 'upstream', spec: upstream('10.9.9.9') }],
    });
    stream.close();
  });

  test('sends the same events to a reader that follows and to one that reads later', async () => {
    const after = await cursor();
    const stream = await open(`?after=${after}`);
    await stream.until((event) => event.type === 'fleet');
    const changes = [
      { puts: [{ kind: 'upstream', name: 'web', spec: upstream('10.8.0.1') }] },
      {
        puts: [
          { kind: 'upstream', name: 'other', spec: upstream('10.8.0.2') },
          { kind: 'route', name: 'web', spec: route(`${tenant}.example.com`, '7s') },
        ],
      },
      { deletes: [{ kind: 'upstream', name: 'other' }] },
      {
        puts: [{ kind: 'gateway', name: 'edge', spec: gateway(`${tenant}.example.com`, `more.${tenant}.example.com`) }],
      },
    ];
    for (const [index, change] of changes.entries()) {
      const { status } = await api.post(`/v1/tenants/${tenant}/revisions`, change);
      expect(status).toBe(201);
      const at = await cursor();
      const followed = (await stream.until((event) => event.type === 'tenant')).at(-1);
      const later = await api.get(`/v1/fleets/public/feed?after=${at - 1}`, { token: agent });
      expect(followed).toEqual(later.body.events.at(-1));
      expect(followed).toMatchObject({ base: index + 1, revision: index + 2 });
    }
    stream.close();
  });

  test('a blank line now and then, so that silence means a dead connection', async () => {
    const stream = await open(`?after=${await cursor()}`);
    await stream.heartbeat();
    stream.close();
  });

  test('behind: several changes of one tenant are one event, and a stop in between loses nothing', async () => {
    const after = await cursor();
    const other = `o${count}`;
    await api.put(`/v1/tenants/${tenant}/upstreams/web`, upstream('10.1.0.1'));
    await tenantWithRoute(api, other);
    await api.put(`/v1/tenants/${tenant}/upstreams/web`, upstream('10.1.0.2'));
    const head = await cursor();
    const { body } = await api.get(`/v1/fleets/public/feed?after=${after}`, { token: agent });
    const events = body.events.filter(({ type }: FeedEvent) => type === 'tenant') as TenantEvent[];
    expect(events.map(({ tenant, base, revision }) => ({ tenant, base, revision }))).toEqual([
      { tenant, base: 1, revision: 3 },
      { tenant: other, base: 0, revision: 1 },
    ]);
    expect([events.at(-1)!.seq, body.cursor]).toEqual([head, head]);
    // Whoever stops after the first resumes before the other tenant's row.
    const resumed = await api.get(`/v1/fleets/public/feed?after=${events[0]!.seq}`, { token: agent });
    expect(resumed.body.events.some((event: FeedEvent) => event.type === 'tenant' && event.tenant === other)).toBe(
      true,
    );
  });

  test('a cursor of another database: a snapshot', async () => {
    const stream = await open('?after=999999');
    const events = await stream.until((event) => event.type === 'snapshot-end');
    expect(events.some((event) => event.type === 'snapshot')).toBe(true);
    stream.close();
  });

  test('a redefined fleet: the fleet again and a snapshot, on the open stream', async () => {
    const stream = await open(`?after=${await cursor()}`);
    await stream.until((event) => event.type === 'fleet');
    const ports = [...SHARED_FLEET.ports, { number: 8080, bind: 18080 + count, protocol: 'HTTP' }];
    await api.patch('/v1/fleets/public', { ports });
    const events = await stream.until((event) => event.type === 'snapshot-end');
    expect(events[0]).toMatchObject({ type: 'fleet', fleet: { ports } });
    stream.close();
  });

  test('other rules too: denied destinations', async () => {
    const stream = await open(`?after=${await cursor()}`);
    await stream.until((event) => event.type === 'fleet');
    const denyDestinations = ['192.168.0.0/16', `10.77.0.${count}`];
    await api.patch('/v1/fleets/public', { denyDestinations });
    const events = await stream.until((event) => event.type === 'snapshot-end');
    expect(events[0]).toMatchObject({ type: 'fleet', fleet: { denyDestinations } });
    stream.close();
  });

  test('a deleted tenant leaves', async () => {
    const stream = await open(`?after=${await cursor()}`);
    await stream.until((event) => event.type === 'fleet');
    await api.remove(`/v1/tenants/${tenant}`);
    expect((await stream.until((event) => event.type === 'leave')).at(-1)).toMatchObject({ type: 'leave', tenant });
    stream.close();
  });

  test('many streams get the same line', async () => {
    const streams = await Promise.all(Array.from({ length: 20 }, async () => open(`?after=${await cursor()}`)));
    for (const stream of streams) await stream.until((event) => event.type === 'fleet');
    await api.put(`/v1/tenants/${tenant}/upstreams/web`, upstream('10.7.7.7'));
    const events = await Promise.all(streams.map((stream) => stream.until((event) => event.type === 'tenant')));
    for (const event of events) expect(event).toEqual(events[0]);
    // On Workers every isolate counts its own, and streams are in an object of theirs.
    if (!elsewhere) expect((await api.get('/metrics')).body).toContain('gatehouse_api_feed_streams 20');
    for (const stream of streams) stream.close();
  });
});

describe('what a fleet may see', () => {
  test('a gateway that no longer selects it is a delete; the last one makes the tenant leave, and join the other', async () => {
    const internal = await tokenFor(api, '/v1/fleets/internal');
    const there = await open(`?after=${(await api.get('/v1/fleets/internal')).body.seq}`, 'internal', internal);
    const stream = await open(`?after=${await cursor()}`);
    await Promise.all([stream, there].map((each) => each.until((event) => event.type === 'fleet')));
    const moved = { ...gateway(`x${count}.example.com`), selector: { ingress: 'internal' } };
    await api.put(`/v1/tenants/${tenant}/gateways/second`, moved);
    expect((await stream.until((event) => event.type === 'tenant')).at(-1)).toMatchObject({
      base: 1,
      puts: [],
      deletes: [{ kind: 'gateway', name: 'second' }],
    });
    const joined = (await there.until((event) => event.type === 'tenant')).at(-1) as TenantEvent;
    expect(joined).toMatchObject({ base: 0, revision: 2 });
    expect(joined.puts.map(({ name }) => name)).toEqual(['second', 'web', 'web']);
    await api.put(`/v1/tenants/${tenant}/gateways/edge`, {
      ...moved,
      servers: gateway(`y${count}.example.com`).servers,
    });
    expect((await stream.until((event) => event.type === 'leave')).at(-1)).toMatchObject({ tenant, revision: 3 });
    stream.close();
    there.close();
  });
});

describe('long poll', () => {
  test('waits for something new, and says so', async () => {
    const after = await cursor();
    const waiting = api.get(`/v1/fleets/public/feed?after=${after}&wait=20`, { token: agent });
    await api.put(`/v1/tenants/${tenant}/routes/web`, route(`${tenant}.example.com`, '9s'));
    const { body } = await waiting;
    expect(body.cursor).toBe(await cursor());
    expect(body.events.at(-1)).toMatchObject({ type: 'tenant', tenant, revision: 2 });
  });

  test('without a cursor: the snapshot', async () => {
    const { body } = await api.get('/v1/fleets/public/feed', { token: agent });
    expect(body.events.at(1)).toEqual({ type: 'snapshot' });
    expect(body.events.at(-1)).toEqual({ type: 'snapshot-end', seq: body.cursor });
  });

  test('406: a media type it does not speak', async () => {
    expect((await api.get('/v1/fleets/public/feed', { token: agent, headers: { accept: 'text/csv' } })).status).toBe(
      406,
    );
  });
});
