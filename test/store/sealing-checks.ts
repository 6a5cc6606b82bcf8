import { describe, expect, it } from 'vitest';
import { keyContext } from '../../api/secrets/contexts.ts';
import { Sealer } from '../../api/secrets/seal.ts';
import { requireRightKeys } from '../../api/secrets/verify.ts';
import type { Store } from '../../api/store/store.ts';
import { audit, commit, committed, tenant } from './fixtures.ts';

const key = (id: string, byte: number) => `${id}:${Buffer.alloc(32, byte).toString('base64')}`;

/** One set of sealing keys per store, from the first start on. */
export function describeSealingChecks(store: () => Store): void {
  const starts = (...keys: string[]) => requireRightKeys(store(), keys.join());

  describe('the sealing keys of the processes on one store', () => {
    it('a second key of the same id is refused although no private key is stored', async () => {
      await starts(key('main', 1));
      await expect(starts(key('main', 2))).rejects.toThrow(
        "the sealing key 'main' is another key than the one of this id with which the store was first used",
      );
      await starts(key('main', 1));
    });

    it('a key of an id that the store does not know is refused, unless a known key is beside it', async () => {
      await starts(key('main', 1));
      await expect(starts(key('other', 2))).rejects.toThrow('has an id that this store knows (main)');
      await starts(key('new', 3), key('main', 1));
      await starts(key('new', 3));
      await expect(starts(key('new', 4), key('main', 1))).rejects.toThrow("the sealing key 'new' is another key");
    });

    it('a process that is refused leaves nothing behind', async () => {
      await starts(key('main', 1));
      await expect(starts(key('new', 3), key('main', 2))).rejects.toThrow("'main'");
      expect((await store().keys.checks()).map(({ keyId }) => keyId)).toEqual(['main']);
    });

    it.each([
      ['the same id', (n: number) => key('main', n)],
      ['ids of their own', (n: number) => key(`k${n}`, n)],
    ])('of several first starts at the same time, with keys of %s, one set of keys stays', async (_, keyOf) => {
      const keys = Array.from({ length: 6 }, (_, n) => keyOf(n + 1));
      const outcomes = await Promise.allSettled(keys.map((each) => starts(each)));
      const started = keys.filter((_, n) => outcomes[n]!.status === 'fulfilled');
      expect(started).toHaveLength(1);
      for (const each of keys)
        if (started.includes(each)) await starts(each);
        else await expect(starts(each)).rejects.toThrow('All processes on one store need the same keys');
    });

    it('a store of an earlier version accepts only the key that sealed its private keys', async () => {
      const sealer = await Sealer.from(key('main', 1));
      await store().tenants.create(tenant('acme'), audit);
      const made = commit('acme', 1);
      made.keys = [{ id: 'id', ...(await sealer.seal('a private key', keyContext('acme', 'id'))) }];
      await committed(store(), made);
      await expect(starts(key('main', 2))).rejects.toThrow('do not open the private keys in this store');
      expect(await store().keys.checks()).toEqual([]);
      await expect(starts(key('main', 2), key('other', 3))).rejects.toThrow('do not open');
      await starts(key('main', 1));
      await expect(starts(key('main', 2))).rejects.toThrow('do not open');
    });
  });
}
