import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { EventSources } from '../../api/feed/event-sources.ts';
import { readLines } from '../../api/feed/read-lines.ts';
import { RecentCommits } from '../../api/feed/recent.ts';
import { FeedRoom } from '../../api/feed/room.ts';
import { snapshot } from '../../api/feed/snapshot.ts';
import { keyContext } from '../../api/secrets/contexts.ts';
import { Sealer } from '../../api/secrets/seal.ts';
import { requireRightKeys } from '../../api/secrets/verify.ts';
import { openStore } from '../../api/store/open.node.ts';
import type { Store } from '../../api/store/store.ts';
import { audit, commit, committed, fleet, tenant } from './fixtures.ts';

const TENANTS = ['acme', 'bolt', 'core'];
const gateway = {
  selector: { ingress: 'edge' },
  servers: [{ port: { number: 443, name: 's', protocol: 'HTTPS' }, hosts: ['a.test'], tls: { credentialName: 'c' } }],
};

let store: Store;
let sealer: Sealer;
/** Of the fleet, before anything was committed. */
let start: number;

beforeEach(async () => {
  store = await openStore('sqlite::memory:');
  sealer = await Sealer.from(`k:${Buffer.alloc(32, 7).toString('base64')}`);
  await store.fleets.create(fleet('edge'), audit);
  start = (await store.fleets.find('edge'))!.seq;
  for (const name of TENANTS) {
    await store.tenants.create(tenant(name), audit);
    const made = commit(name, 1, { to: ['edge'], fleetGeneration: 1 });
    made.feeds[0]!.base = 0;
    made.puts = [
      { kind: 'gateway', name: 'g', spec: gateway },
      { kind: 'certificate', name: 'c', spec: {}, info: { publicKeySha256: 'id', dnsNames: [] } as never },
    ];
    made.keys = [{ id: 'id', ...(await sealer.seal(`the key of ${name}`, keyContext(name, 'id'))) }];
    await committed(store, made);
  }
});
afterEach(() => store.close());

/** Opens no key before it was asked for all of them: opened one after the other, they would wait for ever. */
function sources() {
  const asked: (() => void)[] = [];
  const open: Sealer['open'] = async (key, context) => {
    await new Promise<void>((resolve) => {
      if (asked.push(resolve) === TENANTS.length) for (const go of asked) go();
    });
    return sealer.open(key, context);
  };
  return {
    store,
    sealer: { open } as Sealer,
    recent: new RecentCommits(),
    moment: () => ({ now: 0, grace: 0 }),
    log: { error: () => {} },
  };
}

const keysIn = (lines: Uint8Array[]) =>
  lines
    .map((bytes) => JSON.parse(new TextDecoder().decode(bytes)))
    .filter(({ type }) => type === 'tenant')
    .map(({ puts }) => puts.map((put: { privateKey?: string }) => put.privateKey).filter(Boolean));

async function snapshotLines(from: EventSources): Promise<Uint8Array[]> {
  const room = new FeedRoom('edge', { most: 1_000_000, patience: 1_000 }, undefined);
  const lines: Uint8Array[] = [];
  for await (const part of snapshot(from, (await store.fleets.find('edge'))!, Date.now, room))
    lines.push(...part.lines);
  return lines;
}

const all = TENANTS.map((name) => [`the key of ${name}`]);

test('keys of many tenants are opened together for a stream that follows', async () => {
  const { lines } = await readLines(sources(), { fleet: 'edge' }, start);
  expect(keysIn([...lines!.lines])).toEqual(all);
});

test('and for a snapshot', async () => {
  expect(keysIn(await snapshotLines(sources()))).toEqual(all);
});

test('a key that does not open is left out, and what else there is comes whole', async () => {
  const other = await Sealer.from(`k:${Buffer.alloc(32, 8).toString('base64')}`);
  const open: Sealer['open'] = (key, context) => (context.includes('bolt') ? other : sealer).open(key, context);
  const logged: object[] = [];
  const log = { error: (fields: object) => logged.push(fields) };
  const partly = {
    store,
    sealer: { open } as Sealer,
    recent: new RecentCommits(),
    moment: () => ({ now: 0, grace: 0 }),
    log,
  };
  expect(keysIn(await snapshotLines(partly))).toEqual([['the key of acme'], [], ['the key of core']]);
  expect(logged).toEqual([expect.objectContaining({ tenant: 'bolt', sealingKey: 'k' })]);
});

test('readers at one cursor share what was read for them; a change is read again', async () => {
  const room = new FeedRoom('edge', { most: 1_000_000, patience: 1_000 }, undefined);
  const resources = vi.spyOn(store.configuration, 'resources');
  const from = { ...sources(), sealer };
  const finish = room.read();
  const readAll = async () => {
    resources.mockClear();
    const edge = (await store.fleets.find('edge'))!;
    const lines: Uint8Array[] = [];
    for await (const part of snapshot(from, edge, Date.now, room)) lines.push(...part.lines);
    const { lines: changes } = await readLines(from, { fleet: 'edge' }, start, room);
    return {
      lines: [...lines, ...changes!.lines].map((bytes) => new TextDecoder().decode(bytes)),
      reads: resources.mock.calls.length,
    };
  };
  const first = await readAll();
  expect(first.reads).toBe(2 * TENANTS.length);
  expect(await readAll()).toEqual({ ...first, reads: 0 });
  await committed(store, commit('acme', 2, { to: ['edge'], fleetGeneration: 1 }));
  const later = await readAll();
  expect(later.reads).toBe(2 * TENANTS.length);
  expect(later.lines.filter((line) => line.includes('"revision":2'))).toHaveLength(2);
  finish();
});

test('sealing keys that open nothing in the store are found', async () => {
  const key = (byte: number) => `k:${Buffer.alloc(32, byte).toString('base64')}`;
  await requireRightKeys(store, key(7));
  await requireRightKeys(store, `${key(7)},new:${Buffer.alloc(32, 9).toString('base64')}`);
  await expect(requireRightKeys(store, key(8))).rejects.toThrow(
    'the sealing keys do not open the private keys in this store',
  );
});
