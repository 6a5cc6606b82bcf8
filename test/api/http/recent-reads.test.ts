import { expect, test } from 'vitest';
import { RecentReads } from '../../../api/access/recent-reads.ts';

interface Token {
  id: string;
  isRevoked: boolean;
}
/** A database whose next answer waits until it is released. */
function database() {
  const row: Token = { id: 't', isRevoked: false };
  const waiting: (() => void)[] = [];
  let reads = 0;
  const read = async (): Promise<Token> => {
    reads++;
    const found = { ...row };
    await new Promise<void>((resolve) => waiting.push(resolve));
    return found;
  };
  return { row, read, release: () => waiting.shift()!(), count: () => reads };
}

test.each([
  ['its key', (cache: RecentReads<Token>) => cache.drop('hash')],
  ['a condition', (cache: RecentReads<Token>) => cache.dropWhere(({ id }) => id === 't')],
  ['all', (cache: RecentReads<Token>) => cache.clear()],
])('what was read before a drop by %s is not kept', async (_, drop) => {
  const cache = new RecentReads<Token>();
  const { row, read, release, count } = database();
  const before = cache.get('hash', 0, read);
  row.isRevoked = true;
  drop(cache);
  release();
  expect((await before).isRevoked).toBe(false);
  const after = cache.get('hash', 1, read);
  release();
  expect((await after).isRevoked).toBe(true);
  expect((await cache.get('hash', 2, read)).isRevoked).toBe(true);
  expect(count()).toBe(2);
});

test('a value is kept for five seconds', async () => {
  const cache = new RecentReads<Token>();
  let reads = 0;
  const read = async () => ({ id: String(++reads), isRevoked: false });
  const at = async (now: number) => (await cache.get('hash', now, read)).id;
  expect([await at(0), await at(5_000), await at(5_001)]).toEqual(['1', '1', '2']);
});
