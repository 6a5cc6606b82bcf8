import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { beginSharing, child, gateway, inRound, put, remove, route, send, type Write } from '../../history/sharing.ts';
import { copyOf } from '../../postgres/server.ts';
import { startProcesses } from '../processes.ts';

const HOST = 'shop.apps.example';
const attach = put('sales', 'routes/shop', route(HOST, 'platform/public'));
const narrow = put('platform', 'gateways/public', gateway({ tenants: ['music'] }));
const move = put('platform', 'gateways/public', gateway({ tenants: 'all' }, ['*.apps.example'], 'other'));
const take = put('music', 'routes/shop', route(HOST, 'platform/public'));
const accept = put('goods', 'routes/cart', child('sales/*'));
/** The host of a tenant belongs to another one. */
const lost = [attach, narrow, take];

/** Moves the route to the host from another one. */
const elsewhere = put('sales', 'routes/shop', route('other.apps.example', 'platform/public'));
const becoming = put('goods', 'routes/cart', child('platform/*'));
const second = (allowed: object, fleet = 'other') =>
  put('platform', 'gateways/second', gateway(allowed, ['*.apps.example'], fleet));
const ownGateway = gateway({ tenants: 'all' }, ['*.music.example']);
const upstream = (tenant: string) => put(tenant, 'upstreams/any', { port: 80, endpoints: [] });

const sequences: [what: string, ...Write[]][] = [
  ['the gateway moves of a tenant that has lost its host', ...lost, move, upstream('sales')],
  ['the gateway moves of the parent that has lost its host', accept, ...lost, move, upstream('goods')],
  [
    'a parent attaches that was served only as a child',
    put('music', 'routes/cart', child('platform/*')),
    put('goods', 'routes/cart', child('music/*')),
    take,
  ],
  [
    'a parent deletes its gateway that is still served as a child',
    put('music', 'routes/cart', child('platform/*')),
    put('music', 'gateways/own', ownGateway),
    put('goods', 'routes/cart', child('music/*')),
    remove('music', 'gateways/own'),
  ],
  [
    'a tenant detaches that is a parent of itself and of another one',
    put('music', 'routes/cart', child('music/*')),
    put('goods', 'routes/cart', child('music/*')),
    take,
    remove('music', 'routes/shop'),
  ],
  [
    'a tenant deletes its gateway that is a parent of itself',
    put('music', 'routes/cart', child('music/*')),
    put('music', 'gateways/own', ownGateway),
    remove('music', 'gateways/own'),
  ],
  [
    'an owner moves its gateway that is a child of a tenant there',
    put('platform', 'routes/cart', child('sales/*')),
    attach,
    move,
  ],
  [
    'a tenant deletes its gateway that its route names as one of another tenant',
    put('music', 'gateways/own', ownGateway),
    put('music', 'routes/own', route('a.music.example', 'music/own')),
    remove('music', 'gateways/own'),
  ],
  [
    'a tenant loses a host that another fleet serves too',
    second({ tenants: 'all' }),
    put('sales', 'routes/shop', route(HOST, 'platform/second')),
    second({ tenants: 'all', hosts: ['a.apps.example'] }),
    narrow,
    take,
    second({ tenants: 'all' }),
  ],
];

/** A write, and one of another tenant that another process makes before one of its reads. */
const races: [what: string, late: Write, early: Write, before: Write[]][] = [
  ['attaching the host that another tenant attaches', attach, take, [elsewhere]],
  ['becoming a child of the owner that moves the gateway of the parent', becoming, move, [accept, attach]],
];

describe.skipIf(inject('worker') !== undefined)('the feeds of a tenant that depends on another one', () => {
  let world: Awaited<ReturnType<typeof startProcesses>>;
  let sharing: Awaited<ReturnType<typeof beginSharing>>;
  let round = 0;
  let onRead = async (): Promise<void> => {};
  beforeAll(async () => {
    const template = inject('postgres');
    const url = template === undefined ? 'sqlite::memory:' : await copyOf(template);
    world = await startProcesses(url, 2, (what) => (what === 'read' ? onRead() : Promise.resolve()));
    sharing = await beginSharing(world);
  });
  afterAll(() => world.close());
  const by = async (index: number, write: Write) => (await send(world.processes[index]!, inRound(write, round)))!;
  async function begin(before: readonly Write[]): Promise<void> {
    await sharing.begin(++round);
    for (const write of before) {
      const { status, body } = await by(0, write);
      expect([200, 201, 204], JSON.stringify([write, body])).toContain(status);
      await sharing.follow();
    }
  }
  async function end(): Promise<void> {
    const wrong = await sharing.verify(round);
    // The host that the tenant has lost.
    expect(wrong.filter((line) => !/not attached/.test(line))).toEqual([]);
    expect(await sharing.end(round)).toEqual([]);
  }

  test.for(sequences)('%s', async ([, ...writes]) => {
    await begin(writes);
    await end();
  });

  test.for(races)('%s', async ([, late, early, before]) => {
    for (let due = 0, isReached = true; isReached; due++) {
      await begin(before);
      let reads = 0;
      let status: number | undefined;
      onRead = async () => {
        if (reads++ !== due) return;
        onRead = async () => {};
        ({ status } = await by(1, early));
      };
      const answer = await by(0, late);
      onRead = async () => {};
      isReached = status !== undefined;
      // Both do what they say, or one of the two was refused.
      if (isReached && early === take) expect([answer.status, status], `at read ${due}`).toContain(409);
      await end();
    }
  });
});
