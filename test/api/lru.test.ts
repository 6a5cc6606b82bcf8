import { expect, test } from 'vitest';
import { Lru } from '../../api/lru.ts';

const kept = (lru: Lru<string, number>, ...keys: string[]) => keys.filter((key) => lru.get(key) !== undefined);

test('what was not asked for longest goes first', () => {
  const lru = new Lru<string, number>(2);
  for (const key of ['a', 'b']) lru.set(key, 1);
  lru.get('a');
  lru.set('c', 1);
  expect(kept(lru, 'a', 'b', 'c')).toEqual(['a', 'c']);
});

test('is bounded by what its entries weigh, whatever was replaced or deleted before; the newest stays', () => {
  const lru = new Lru<string, number>(10, (weight) => weight);
  for (let weight = 1; weight <= 9; weight++) lru.set('a', weight);
  lru.set('b', 1);
  expect(kept(lru, 'a', 'b')).toEqual(['a', 'b']);
  lru.delete('a');
  lru.set('c', 9);
  expect(kept(lru, 'b', 'c')).toEqual(['b', 'c']);
  lru.deleteWhere((weight) => weight === 9);
  lru.set('d', 50);
  expect(kept(lru, 'b', 'c', 'd')).toEqual(['d']);
});
