import { afterEach, expect, test, vi } from 'vitest';
import { document } from '../../../api/configuration/document.ts';
import { list } from '../../../api/configuration/list.ts';
import type { Context } from '../../../api/context.ts';
import { openStore } from '../../../api/store/open.node.ts';
import { audit, commit, committed, type Put, tenant } from '../../store/fixtures.ts';

afterEach(() => vi.restoreAllMocks());

/** A turn of the event loop, in which other requests run. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

test.for([
  ['the whole configuration', document],
  ['a list', (ctx: Context, of: { tenant: string }) => list(ctx, { ...of, kind: 'upstream' })],
] as const)('other requests run while %s is read that has few large resources', async ([, read]) => {
  const store = await openStore('sqlite::memory:');
  await store.tenants.create(tenant('acme'), audit);
  const puts = Array.from({ length: 5 }, (_, i): Put => ['upstream', `u${i}`, { text: 'x'.repeat(300_000) }]);
  await committed(store, commit('acme', 1, { puts }));
  // Each part of the work takes longer than a slice.
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 100));
  let isDone = false;
  const reading = read({ store } as Context, { tenant: 'acme' }).finally(() => {
    isDone = true;
  });
  await turn();
  expect(isDone).toBe(false);
  await reading;
  await store.close();
});
