import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import {
  beginSharing,
  child,
  delegating,
  gateway,
  inRound,
  put,
  ROLES,
  remove,
  route,
  send,
  type Write,
} from '../../history/sharing.ts';
import { copyOf } from '../../postgres/server.ts';
import { type ApiProcess, startProcesses } from '../processes.ts';

const HOST = 'shop.apps.example';
const attach = put('sales', 'routes/shop', route(HOST, 'platform/public'));
const narrow = put('platform', 'gateways/public', gateway({ tenants: ['music'] }));
const move = put('platform', 'gateways/public', gateway({ tenants: 'all' }, ['*.apps.example'], 'other'));
const own = put('platform', 'routes/own', route(HOST, 'public'));
const delegate = put('sales', 'routes/shop', delegating(HOST, 'goods/cart', 'platform/public'));
const accept = put('goods', 'routes/cart', child('sales/*'));

/** Two writes, and what is written before them. */
const races: [what: string, one: Write, other: Write, before?: Write[]][] = [
  ['attaching, and admitting only another tenant', attach, narrow],
  ['attaching, and closing the gateway', attach, put('platform', 'gateways/public', gateway())],
  ['attaching, and deleting the gateway', attach, remove('platform', 'gateways/public')],
  [
    'attaching, and another host pattern',
    attach,
    put('platform', 'gateways/public', gateway({ tenants: 'all' }, ['*.b.example'])),
  ],
  [
    'attaching, and allowing only other hosts',
    attach,
    put('platform', 'gateways/public', gateway({ tenants: 'all', hosts: ['a.apps.example'] })),
  ],
  ['attaching, and moving the gateway to another fleet', attach, move],
  ['attaching, and a route of the owner', attach, own],
  ['attaching, and deleting a route of the owner', attach, remove('platform', 'routes/own'), [own]],
  [
    'changing an attached host, and a route of the owner',
    put('sales', 'routes/two', route('two.apps.example', 'platform/public')),
    own,
    [attach],
  ],
  ['attaching, and attaching by another tenant', attach, put('music', 'routes/shop', route(HOST, 'platform/public'))],
  [
    'detaching, and attaching by another tenant',
    remove('sales', 'routes/shop'),
    put('music', 'routes/shop', route(HOST, 'platform/public')),
    [attach],
  ],
  [
    'taking a withdrawn host, and a route of its former holder',
    put('music', 'routes/shop', route(HOST, 'platform/public')),
    put('sales', 'routes/two', route('two.apps.example', 'platform/public')),
    [attach, narrow],
  ],
  [
    'taking a withdrawn host, and admitting its holder again',
    put('music', 'routes/shop', route(HOST, 'platform/public')),
    put('platform', 'gateways/public', gateway({ tenants: 'all' })),
    [attach, narrow],
  ],
  ['delegating, and admitting nobody', delegate, put('goods', 'routes/cart', child('music/*')), [accept]],
  ['delegating, and deleting the child', delegate, remove('goods', 'routes/cart'), [accept]],
  ['becoming a child, and deleting the parent', accept, remove('sales', 'routes/shop'), [attach]],
  ['becoming a child, and moving the gateway of its parent', accept, move, [attach]],
  [
    'becoming a child, and closing the gateway of its parent',
    accept,
    put('platform', 'gateways/public', gateway()),
    [attach],
  ],
  ['becoming a child, and attaching of its parent', accept, attach],
  [
    'withdrawing the host of a parent, and a change of its child',
    put('music', 'routes/shop', route(HOST, 'platform/public')),
    put('goods', 'routes/cart', child('sales/*', 'music/*')),
    [accept, attach, narrow],
  ],
];

describe.skipIf(inject('worker') !== undefined)('writes of two tenants in two processes', () => {
  let world: Awaited<ReturnType<typeof startProcesses>>;
  let sharing: Awaited<ReturnType<typeof beginSharing>>;
  let round = 0;
  beforeAll(async () => {
    const template = inject('postgres');
    world = await startProcesses(template === undefined ? 'sqlite::memory:' : await copyOf(template), 2);
    sharing = await beginSharing(world);
  });
  afterAll(() => world.close());
  const OK = [200, 201, 204];
  async function begin(...before: Write[]): Promise<number> {
    const number = ++round;
    await sharing.begin(number);
    for (const write of before) expect(OK).toContain((await send(world.processes[0]!, inRound(write, number)))?.status);
    return number;
  }

  test.for(
    races.flatMap(([what, one, other, before = []]) => [
      [`${what}: the first is late`, one, other, before] as const,
      [`${what}: the second is late`, other, one, before] as const,
    ]),
  )('%s', async ([, late, early, before]) => {
    const [a, b] = world.processes as [ApiProcess, ApiProcess];
    const number = await begin(...before);
    // The other process knows the state before too.
    for (const role of ROLES) await send(b, inRound(put(role, 'configuration?dryRun=true', {}), number));
    const { reached, release } = a.holdRevision();
    const sent = send(a, inRound(late, number));
    await Promise.race([reached, sent]);
    await sharing.follow();
    const between = await send(b, inRound(early, number));
    release();
    const answers = [between?.status, (await sent)?.status];
    for (const status of answers) expect([...OK, 404, 409, 422]).toContain(status);
    expect(answers.some((status) => OK.includes(status!))).toBe(true);
    expect(await sharing.verify(number)).toEqual([]);
    expect(await sharing.end(number)).toEqual([]);
  });

  /** Sends a write. Another process sends the next one of `between` before each of its batches. */
  async function overtaken(write: Write, between: (attempt: number) => Write | undefined) {
    const [a, b] = world.processes as [ApiProcess, ApiProcess];
    let attempts = 0;
    let hold = a.holdRevision();
    const answer = send(a, write);
    for (; await Promise.race([hold.reached.then(() => true), answer.then(() => false)]); attempts++) {
      const early = between(attempts);
      if (early) expect(OK).toContain((await send(b, early))?.status);
      const { release } = hold;
      hold = a.holdRevision();
      release();
    }
    hold.release();
    return { answer: await answer, attempts };
  }

  test.for<[what: string, write: (attempt: number) => Write]>([
    ['upstreams', (attempt) => put('platform', `upstreams/u${attempt}`, { port: 80, endpoints: [] })],
    ['routes', (attempt) => put('platform', `routes/r${attempt}`, route(`${attempt}.apps.example`, 'public'))],
  ])('an owner that writes %s all the time does not stop a tenant that attaches', async ([, write]) => {
    const number = await begin();
    const between = (attempt: number) => (attempt < 9 ? inRound(write(attempt), number) : undefined);
    const { answer, attempts } = await overtaken(inRound(attach, number), between);
    expect([answer?.status, attempts]).toEqual([201, 1]);
    expect(await sharing.verify(number)).toEqual([]);
    expect(await sharing.end(number)).toEqual([]);
  });

  test.for<[what: string, one: Write, other: Write, before: Write[]]>([
    ['attached and released', attach, remove('sales', 'routes/shop'), []],
    ['released and attached', remove('sales', 'routes/shop'), attach, [attach]],
  ])('a host that is %s by writes that follow each other at once', async ([, one, other, before]) => {
    const number = await begin(...before);
    const [a] = world.processes as [ApiProcess];
    const { reached, release } = a.holdRevision();
    const first = send(a, inRound(one, number));
    await reached;
    const second = send(a, inRound(other, number));
    await new Promise((resolve) => setTimeout(resolve, 100));
    release();
    for (const answer of await Promise.all([first, second])) expect(OK).toContain(answer?.status);
    expect(await sharing.verify(number)).toEqual([]);
    expect(await sharing.end(number)).toEqual([]);
  });

  test('a host that a route of the owner keeps from its holder is not taken once that route is deleted', async () => {
    const both = put('platform', 'gateways/public', gateway({ tenants: ['sales', 'music'] }));
    const number = await begin(attach, narrow, own, both);
    const take = put('music', 'routes/shop', route('*.apps.example', 'platform/public'));
    const { answer, attempts } = await overtaken(inRound(take, number), (attempt) =>
      attempt === 0 ? inRound(remove('platform', 'routes/own'), number) : undefined,
    );
    expect([answer?.status, attempts]).toEqual([409, 1]);
    expect(await sharing.verify(number)).toEqual([]);
    expect(await sharing.end(number)).toEqual([]);
  });

  test('the problem names the owner whose changes of its gateways were first at every attempt', async () => {
    const number = await begin();
    const { now } = Date;
    const clock = vi.spyOn(Date, 'now');
    const { answer, attempts } = await overtaken(inRound(attach, number), (attempt) => {
      if (attempt === 1) clock.mockImplementation(() => now() + 10_001);
      return inRound(put('platform', 'gateways/public', gateway({ tenants: 'all' }, [`*.${attempt}.test`])), number);
    }).finally(() => clock.mockRestore());
    expect([answer?.status, attempts]).toEqual([503, 2]);
    expect(answer?.body.detail).toBe(
      `writers of the tenant platform${number}, which this configuration names, were first at every attempt; retry`,
    );
    expect(await sharing.end(number)).toEqual([]);
  });

  test.for([
    ['*.apps.example', HOST],
    [HOST, '*.apps.example'],
  ] as const)('of %s and %s, the second is refused, and nobody learns of the first', async ([first, second]) => {
    const number = await begin(
      put('platform', 'gateways/public', gateway({ tenants: ['sales', 'music'] })),
      put('sales', 'routes/shop', route(first, 'platform/public')),
    );
    const write = inRound(put('music', 'routes/shop', route(second, 'platform/public')), number);
    const refused = await send(world.processes[1]!, write);
    expect([refused?.status, refused?.body.code]).toEqual([409, 'host-taken']);
    const [own] = (write.body as { hosts: string[] }).hosts;
    expect(refused?.body.violations).toMatchObject([
      {
        resource: 'routes/shop',
        path: '/hosts/0',
        message: `${own} of the shared gateways of platform${number} belongs to another tenant, or overlaps a host that does`,
      },
    ]);
    expect(await sharing.end(number)).toEqual([]);
  });

  test('without the owner, the feeds no longer have the tenants that depend on it', async () => {
    const number = await begin(accept, delegate);
    expect((await send(world.processes[1]!, inRound(remove('platform', ''), number)))?.status).toBe(204);
    expect(await sharing.verify(number)).toEqual([]);
    expect(sharing.served()).toEqual([]);
    expect(await sharing.end(number)).toEqual([]);
  });

  test('the feed reports that the last host is released, and only fleets of named gateways get a tenant', async () => {
    const number = await begin(attach, put('sales', 'gateways/edge', gateway(undefined, ['sales.test'])));
    const [a] = world.processes as [ApiProcess];
    const second = put('platform', 'gateways/second', gateway({ tenants: 'all' }, ['*.b.apps.example'], 'other'));
    for (const write of [second, put('sales', 'routes/shop', route('sales.test', 'edge'))]) {
      await sharing.follow();
      expect(OK).toContain((await send(a, inRound(write, number)))?.status);
      expect(await sharing.verify(number)).toEqual([]);
    }
    expect(await sharing.end(number)).toEqual([]);
  });

  test('a host that another tenant had meanwhile is attached again by the next change', async () => {
    const taking = put('music', 'routes/shop', route(HOST, 'platform/public'));
    const number = await begin(attach, narrow, taking, put('platform', 'gateways/public', gateway({ tenants: 'all' })));
    const [a, b] = world.processes as [ApiProcess, ApiProcess];
    const change = (which: number) =>
      send(b, inRound(put('sales', 'routes/two', route(`two${which}.apps.example`, 'platform/public')), number));
    // While the other tenant has the host, any change that does not concern it is possible.
    expect((await change(1))?.status).toBe(201);
    expect((await send(a, inRound(remove('music', 'routes/shop'), number)))?.status).toBe(204);
    expect(await sharing.verify(number)).toEqual([
      expect.stringContaining('but it has not attached the host'),
      `sales${number}: shop.apps${number}.example of the gateway platform${number}/public is not attached, because it belonged to another tenant: the next change attaches it`,
      expect.stringContaining('is not attached'),
    ]);
    expect((await change(2))?.status).toBe(200);
    expect(await sharing.verify(number)).toEqual([]);
    expect(await world.store.attached.of(`sales${number}`)).toHaveLength(2);
    expect(await sharing.end(number)).toEqual([]);
  });
});
