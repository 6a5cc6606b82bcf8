/** What the API and the agent keep in memory, and for how long: tenants that are larger than the cache included. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RecentCommits } from '../../api/feed/recent.ts';
import { Heads } from '../../api/publishing/heads/heads.ts';
import { openStore } from '../../api/store/open.node.ts';
import type { Store } from '../../api/store/store.ts';
import { Tenants } from '../../dataplane/serve/state/tenants.ts';
import { Departed } from '../../dataplane/status/departed.ts';
import { Configuration } from '../../model/configuration.ts';
import type { Kind } from '../../model/kinds/index.ts';
import { audit, commit, committed, tenant } from './fixtures.ts';

const digest = async (text: string) => text;
const upstream = (count: number): [Kind, string, object] => ['upstream', 'u', { endpoints: 'x'.repeat(count) }];

let store: Store;
beforeEach(async () => {
  store = await openStore('sqlite::memory:');
});
afterEach(() => store.close());

async function loaded(heads: Heads, name: string, size: number): Promise<void> {
  await store.tenants.create(tenant(name), audit);
  await committed(store, commit(name, 1, { puts: [upstream(size)] }));
  const turn = await heads.turn(name);
  await turn.load();
  turn.leave();
}

test('heads are kept up to a size in total; the newest stays, whatever its size', async () => {
  const heads = new Heads(store, digest, 1000);
  const kept = () => ['small', 'other', 'huge', 'last'].filter((name) => heads.newest(name) !== undefined);
  await loaded(heads, 'small', 100);
  await loaded(heads, 'other', 100);
  expect(kept()).toEqual(['small', 'other']);
  await loaded(heads, 'huge', 5000);
  expect(kept()).toEqual(['huge']);
  await loaded(heads, 'last', 0);
  expect(kept()).toEqual(['last']);
});

test('a head of nothing is kept too', async () => {
  const heads = new Heads(store, digest, 1);
  await store.tenants.create(tenant('empty'), audit);
  const turn = await heads.turn('empty');
  await turn.load();
  turn.leave();
  expect(heads.newest('empty')?.revision).toBe(0);
});

test('a commit that is larger than the whole cache is not kept, and leaves the others', () => {
  const recent = new RecentCommits();
  const step = (made: ReturnType<typeof commit>) => ({
    tenant: made.tenant,
    seq: 2,
    base: 1,
    revision: made.revision.number,
    leaves: false,
    committedAt: made.revision.createdAt,
    upstreams: [],
    issued: [],
  });
  const small = commit('small', 2, { puts: [upstream(10)] });
  const huge = commit('huge', 2, { puts: [upstream(5_000_000)] });
  recent.keep(small);
  recent.keep(huge);
  expect(recent.line(step(small) as never)).toBeDefined();
  expect(recent.line(step(huge) as never)).toBeUndefined();
});

test('an agent keeps the tenants in use; a tenant that is larger than the cache stays until the next one', () => {
  const registered = { of: () => new Map() };
  const tenants = new Tenants(
    () => ({ registered }) as never,
    () => 1,
  );
  const upstreams = (count: number) =>
    Configuration.of(
      Array.from({ length: count }, (_, index) => ({ kind: 'upstream', name: `u${index}`, spec: {} }) as never),
    );
  const kept = () => ['a', 'b', 'huge', 'empty'].filter((name) => tenants.kept(name) !== undefined);
  tenants.keep('a', upstreams(9_000), 1);
  tenants.keep('b', upstreams(9_000), 1);
  tenants.kept('a');
  tenants.keep('empty', upstreams(3_000), 1);
  expect(kept()).toEqual(['a', 'empty']);
  tenants.keep('huge', upstreams(30_000), 1);
  expect(kept()).toEqual(['huge']);
  tenants.keep('empty', upstreams(0), 1);
  expect(kept()).toEqual(['empty']);
});

test('nodes that left are kept up to 200, the longest gone first and the first to go', () => {
  const departed = new Departed();
  const node = (index: number) => ({ node: `n${index}`, connected: true }) as never;
  for (let index = 0; index < 205; index++) departed.add(node(index));
  departed.add(node(7));
  const names = departed.all.map((status) => status.node);
  expect([names.length, names[0], names.at(-1)]).toEqual([200, 'n5', 'n7']);
  departed.reported(departed.all.slice(0, 199));
  expect(departed.all).toMatchObject([{ node: 'n7', connected: false }]);
});
