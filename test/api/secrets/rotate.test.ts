import { expect, inject, test } from 'vitest';
import { mailContext } from '../../../api/secrets/contexts.ts';
import { countSealed, rotate } from '../../../api/secrets/rotate.ts';
import { Sealer } from '../../../api/secrets/seal.ts';
import { kit as kitOf } from '../../../api/store/query.ts';
import { newFile } from '../../keeping/database.ts';
import { elsewhere } from '../engine.ts';
import { harness } from '../harness.ts';

const OLD = `old:${Buffer.alloc(32, 1).toString('base64')}`;
const NEW = `new:${Buffer.alloc(32, 2).toString('base64')}`;

// More than one page of rows, except on Workers, where each row is a request.
const count = elsewhere ? 22 : 130;

const inFile =
  inject('worker') === undefined && inject('postgres') === undefined ? { GATEHOUSE_STORE: newFile() } : undefined;

test('every envelope is sealed again, one that changes meanwhile is left alone, and no other is touched', async () => {
  const api = await harness({ GATEHOUSE_SEALING_KEYS: `${NEW},${OLD}`, ...inFile });
  // On Workers, the first request makes the tables.
  await api.get('/v1/mail');
  const before = await Sealer.from(OLD);
  const [mine, foreign] = [await Sealer.from(`${NEW},${OLD}`), await Sealer.from(`lost:${NEW.slice(4)}`)];
  const now = Date.now();
  const add = async (id: string, sealer: Sealer) =>
    api.store.mail.add({
      id,
      recipient: `${id}@example.com`,
      template: 'verify-address',
      sealed: await sealer.sealText(`values of ${id}`, mailContext(id)),
      createdAt: now,
      expiresAt: now + 1e6,
      limit: { most: 1, since: now },
    });
  const ids = Array.from({ length: count }, (_, n) => `m${String(n).padStart(3, '0')}`);
  for (const id of ids) await add(id, before);
  await add('unknown', foreign);
  const { dialect, driver } = await api.database();
  const kit = kitOf(dialect, driver);
  const messages = async () => (await countSealed(kit, ['new', 'old'])).find(({ what }) => what === 'messages')!.counts;
  expect(await messages()).toEqual({ old: count, other: 1 });

  // A message that was read already is sent while those before it are sealed again.
  let isSent = false;
  const { resealed, unopened } = await rotate(
    {
      ...kit,
      driver: {
        ...driver,
        batch: async (statements) => {
          if (!isSent) {
            isSent = true;
            const claims = await api.store.mail.claim({ now, until: now + 1, limit: 200 });
            await api.store.mail.end(claims.find(({ id }) => id === 'm021')!, { state: 'sent', at: now });
          }
          return driver.batch(statements);
        },
      },
    },
    mine,
    () => {},
  );
  expect(resealed).toBe(count - 1);
  expect(unopened).toEqual([{ what: 'messages', at: 'unknown', keyId: 'lost' }]);
  expect(await messages()).toEqual({ new: count - 1, other: 1 });
  const after = await Sealer.from(NEW);
  const left = await api.store.mail.claim({ now: now + 2, until: now + 3, limit: 200 });
  const readable = left.filter(({ id }) => id !== 'unknown');
  expect(readable).toHaveLength(count - 1);
  for (const { id, sealed } of readable) expect(await after.openText(sealed, mailContext(id))).toBe(`values of ${id}`);
  await driver.close();
  await api.close();
});
