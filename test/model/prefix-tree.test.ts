import { expect, test } from 'vitest';
import { PrefixTree } from '../../model/values/prefix-tree.ts';

/** All texts of up to four letters of `a`, `b` and `/`. */
const texts = ['', 'a', 'b', '/'].flatMap((a) =>
  ['', 'a', 'b', '/'].flatMap((b) => ['', 'a', 'b', '/'].flatMap((c) => ['', 'a', 'b', '/'].map((d) => a + b + c + d))),
);
const all = [...new Set(texts)];

test.each([
  ['in order', (at: number) => at * 7],
  ['the longest first', (at: number) => -at * 3],
  ['with repeats', (at: number) => at * at],
])('a tree finds the shortest text with which another begins: %s', (_, place) => {
  const tree = new PrefixTree<string>();
  const added = new Set<string>();
  for (let at = 1; at < 20; at++) {
    const text = all.at(place(at) % all.length)!;
    if (text === '') continue;
    added.add(text);
    tree.add(text, text);
    for (const each of all) {
      const found = [...added].filter((prefix) => each.startsWith(prefix)).sort((a, b) => a.length - b.length)[0];
      expect(tree.find(each)).toBe(found);
    }
  }
});

test('the first value of a text stays', () => {
  expect(new PrefixTree<number>().add('/a', 1).add('/ab', 2).add('/a', 3).find('/abc')).toBe(1);
});
