import { describe, expect, it } from 'vitest';
import { crossings, cyclic } from './cycles.ts';
import { importsOf, PRODUCT } from './imports.ts';

/** `api/context.ts` is not judged: it names the type of every service, and every verb takes it. */
const edges = crossings(PRODUCT.flatMap(importsOf).filter(({ from }) => from !== 'api/context.ts'));

describe('cycles between folders', () => {
  it('finds a cycle over any number of folders, and nothing beside it', () => {
    expect(cyclic(['a → b', 'b → c', 'c → a', 'c → d', 'e → a'])).toEqual(['a → b', 'b → c', 'c → a']);
    expect(cyclic(['a → b', 'a → c', 'b → d', 'c → d'])).toEqual([]);
  });

  it('there is none', () => expect(cyclic(edges)).toEqual([]));
});
