import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { beginSharing, child, gateway, inRound, put, route, send, type Write } from '../../history/sharing.ts';
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

const upstream = (tenant: string) => put(tenant, 'upstreams/any', { port: 80, endpoints: [] });

const sequences: [what: string, ...Write[]][] = [
  ['the gateway moves of a tenant that has lost its host', ...lost, move, upstream('sales')],
  ['the gateway moves of the parent that has lost its host', accept, ...lost, move, upstream('goods')],
];

describe.skipIf(inject('worker') !== undefined)('the feeds of a tenant that depends on another one', () => {
  let world: Awaited<ReturnType<typeof startProcesses>>;
  let sharing: Awaited<ReturnType<typeof beginSharing>>;
  let round = 0;
  beforeAll(async () => {
    const template = inject('postgres');
    const url = template === undefined ? 'sqlite::memory:' : await copyOf(template);
    world = await startProcesses(url, 1);
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
});
