import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FeedRow } from '../../api/store/feed.ts';
import type { Store } from '../../api/store/store.ts';
import { audit, commit, committed, fleet, tenant } from './fixtures.ts';

/** Not Node's own: this runs in workerd too. */
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const TENANTS = ['a', 'b', 'c'];
const FLEETS = ['internal', 'public'];

/** One who writes some revisions of a tenant through one of the stores, with a rest before each. */
const writer = fc.record({
  tenant: fc.constantFrom(...TENANTS),
  to: fc.subarray(FLEETS, { minLength: 1 }),
  store: fc.nat({ max: 2 }),
  rests: fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 4 }),
});
/** One who follows a fleet through one of the stores, a few rows at a time. */
const reader = fc.record({
  fleet: fc.constantFrom(...FLEETS),
  store: fc.nat({ max: 2 }),
  limit: fc.integer({ min: 1, max: 4 }),
  rest: fc.nat({ max: 5 }),
});
type Value<A> = A extends fc.Arbitrary<infer V> ? V : never;
type Writer = Value<typeof writer>;
type Reader = Value<typeof reader>;

interface Written {
  tenant: string;
  revision: number;
  to: string[];
}

async function write(store: Store, { tenant: name, to, rests }: Writer, written: Written[]): Promise<void> {
  const fleetGeneration = await store.fleets.generation();
  for (const rest of rests) {
    await pause(rest);
    for (let made = false; !made; ) {
      const revision = (await store.tenants.find(name))!.revision + 1;
      const outcome = await store.commits.write(commit(name, revision, { to, fleetGeneration }));
      if (!outcome.ok) expect(outcome).toEqual({ ok: false, conflict: 'revision' });
      else written.push({ tenant: name, revision, to });
      made = outcome.ok;
    }
  }
}

async function follow(store: Store, { fleet: name, limit, rest }: Reader, from: number, writing: Promise<unknown>) {
  const seen: FeedRow[] = [];
  let ended = false;
  const end = () => {
    ended = true;
  };
  writing.then(end, end);
  for (let cursor = from; ; ) {
    const hadEnded = ended;
    const { tooOld, rows } = await store.feed.read(name, cursor, limit);
    expect(tooOld).toBe(false);
    seen.push(...rows);
    cursor = rows.at(-1)?.seq ?? cursor;
    if (hadEnded && rows.length === 0) return seen;
    await pause(rest);
  }
}

function expectWhole(seen: FeedRow[], name: string, written: Written[]): void {
  const first = seen[0]?.seq ?? 0;
  expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, i) => first + i));
  for (const tenant of TENANTS) {
    const expected = written.filter((made) => made.tenant === tenant && made.to.includes(name));
    expect(seen.filter((row) => row.tenant === tenant).map(({ revision }) => revision)).toEqual(
      expected.map(({ revision }) => revision).sort((a, b) => a - b),
    );
  }
}

/** @param open stores on one new database, as of that many processes */
export function describeInterleavings(
  engine: string,
  open: () => Promise<{ stores: Store[]; drop(): Promise<void> }>,
  numRuns: number,
): void {
  describe(`writers at once on ${engine}`, () => {
    test('every cursor sees every revision exactly once and in order', async () => {
      const all = fc.array(writer, { minLength: 2, maxLength: 8 });
      const property = fc.asyncProperty(all, fc.array(reader, { minLength: 1, maxLength: 4 }), async (ws, rs) => {
        const { stores, drop } = await open();
        const of = ({ store }: { store: number }) => stores[store % stores.length]!;
        try {
          for (const name of TENANTS) await stores[0]!.tenants.create(tenant(name), audit);
          for (const name of FLEETS) await stores[0]!.fleets.create(fleet(name), audit);
          // Every fleet has one row before anybody reads: its first number is not what is tested.
          const fleetGeneration = await stores[0]!.fleets.generation();
          await committed(stores[0]!, commit('a', 1, { to: FLEETS, fleetGeneration }));

          const cursors = await Promise.all(
            rs.map(async ({ fleet: name }) => (await stores[0]!.fleets.find(name))!.seq),
          );

          const written: Written[] = [];
          const writing = Promise.all(ws.map((w) => write(of(w), w, written)));
          const [seen] = await Promise.all([
            Promise.all(rs.map((r, i) => follow(of(r), r, cursors[i]!, writing))),
            writing,
          ]);
          for (const [i, { fleet: name }] of rs.entries()) expectWhole(seen[i]!, name, written);
        } finally {
          await drop();
        }
      });
      await fc.assert(property, { seed: 20261124, numRuns });
    }, 60_000);

    test('rows for attached tenants, and commits to the same fleets, are numbered without gaps', async () => {
      const { stores, drop } = await open();
      const [one, other] = [stores[0]!, stores.at(-1)!];
      try {
        for (const name of [...TENANTS, 'owner']) await one.tenants.create(tenant(name), audit);
        for (const name of FLEETS) await one.fleets.create(fleet(name), audit);
        const fleetGeneration = await one.fleets.generation();
        const start = (await one.fleets.find('public'))!.seq;
        const change = { add: [], remove: [], replaced: [], owners: [], routed: { hosts: [], except: [] } };
        const attached = { ...change, gatewayOwners: { add: [], remove: [] }, parents: { add: [], remove: [] } };
        const none = { fleets: [], attached: false, isMoved: false };
        for (const name of TENANTS) {
          const add = [{ owner: 'owner', host: `${name}.example.com` }];
          await committed(one, commit(name, 1, { fleetGeneration, attached: { ...attached, add, refresh: none } }));
        }
        const refresh = { fleets: ['public'], attached: true, isMoved: false };
        for (let round = 1; round <= 5; round++)
          await Promise.all([
            // The own row is for a fleet that comes before the other one.
            committed(
              other,
              commit('owner', round, { fleetGeneration, to: FLEETS, attached: { ...attached, refresh } }),
            ),
            ...TENANTS.map((name) => committed(one, commit(name, round + 1, { fleetGeneration, to: FLEETS }))),
          ]);
        for (const [name, count] of [
          ['internal', 20],
          ['public', 35],
        ] as const) {
          const { rows } = await one.feed.read(name, start, 100);
          expect(rows.map(({ seq }) => seq)).toEqual(Array.from({ length: count }, (_, at) => start + at + 1));
          for (const each of TENANTS) {
            const revisions = rows.filter((row) => row.tenant === each).map(({ revision }) => revision);
            expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
          }
        }
      } finally {
        await drop();
      }
    });

    test.for([
      ['x.example.com', 'x.example.com'],
      ['*.example.com', 'x.example.com'],
      ['*.b.example.com', '*.example.com'],
      ['*.com', 'a.b.example.com'],
      ['*', 'example.com'],
    ] as const)('of %s and %s, claimed at once by two tenants, one is held', async ([one, other]) => {
      const { stores, drop } = await open();
      const claim = (store: Store, by: string, host: string) => store.commits.write(commit(by, 1, { add: [host] }));
      try {
        for (let round = 0; round < 5; round++) {
          const pair = [`one-${round}`, `other-${round}`] as const;
          for (const name of pair) await stores[0]!.tenants.create(tenant(name), audit);
          const outcomes = await Promise.all([claim(stores[0]!, pair[0], one), claim(stores.at(-1)!, pair[1], other)]);
          expect(outcomes.map(({ ok }) => ok).toSorted()).toEqual([false, true]);
          expect(outcomes.find(({ ok }) => !ok)).toMatchObject({ conflict: 'host' });
          for (const name of pair) await stores[0]!.tenants.remove(tenant(name), audit);
        }
      } finally {
        await drop();
      }
    });
  });
}
