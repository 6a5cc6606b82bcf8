import { describe, expect, test } from 'vitest';
import type { QueuedMail } from '../../api/store/mail.ts';
import type { Store } from '../../api/store/store.ts';
import { at } from './fixtures.ts';

const MINUTE = 60_000;

const message = (id: string, more: Partial<QueuedMail> = {}): QueuedMail => ({
  id,
  recipient: 'ada@example.com',
  template: 'verify-address',
  sealed: `sealed ${id}`,
  createdAt: at,
  expiresAt: at + 60 * MINUTE,
  limit: { most: 5, since: at - 60 * MINUTE },
  ...more,
});

export function describeMail(store: () => Store): void {
  describe('mail', () => {
    const claim = (now: number, limit = 10) => store().mail.claim({ now, until: now + MINUTE, limit });
    const states = async () => (await store().mail.list({ limit: 100 })).map(({ id, state }) => `${id} ${state}`);

    test('of many runs that claim at once, one gets each message', async () => {
      for (let n = 0; n < 30; n++) await store().mail.add(message(`${n}`, { recipient: `${n}@example.com` }));
      const claimed = (await Promise.all(Array.from({ length: 20 }, () => claim(at, 4)))).flat();
      for (let more = await claim(at); more.length > 0; more = await claim(at)) claimed.push(...more);
      expect(claimed.map(({ id }) => Number(id)).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 30 }, (_, n) => n),
      );
    });

    test('a message whose sender was killed is claimed again, and the earlier claim has no effect any more', async () => {
      await store().mail.add(message('1'));
      const [killed] = await claim(at);
      expect(killed).toMatchObject({ id: '1', sealed: 'sealed 1', attempts: 1 });
      expect(await claim(at + MINUTE - 1)).toEqual([]);
      const [again] = await claim(at + MINUTE);
      expect(again).toMatchObject({ id: '1', attempts: 2 });
      await store().mail.end(killed!, { state: 'failed', at, error: 'late' });
      expect(await states()).toEqual(['1 queued']);
      await store().mail.end(again!, { state: 'sent', at: at + MINUTE });
      expect(await store().mail.list({ limit: 1 })).toEqual([
        {
          id: '1',
          recipient: 'ada@example.com',
          template: 'verify-address',
          state: 'sent',
          attempts: 2,
          dueAt: at + MINUTE,
          expiresAt: at + 60 * MINUTE,
          createdAt: at,
        },
      ]);
    });

    test('a message that failed for now waits, and one that expired fails', async () => {
      await store().mail.add(message('1'));
      const [first] = await claim(at);
      await store().mail.end(first!, { state: 'queued', at: at + 5 * MINUTE, error: 'no answer' });
      expect(await claim(at + 4 * MINUTE)).toEqual([]);
      expect(await store().mail.list({ limit: 1, state: 'failed' })).toEqual([]);
      await store().mail.expire(at + 60 * MINUTE);
      const [failed] = await store().mail.list({ limit: 1, state: 'failed' });
      expect(failed).toMatchObject({ id: '1', attempts: 1, error: 'expired; no answer' });
      expect(await claim(at + 99 * MINUTE)).toEqual([]);
    });

    test('64 batches at once queue no more for one recipient than the limit, and others are not affected', async () => {
      const adds = Array.from({ length: 64 }, (_, n) => store().mail.add(message(`${n}`.padStart(2, '0'))));
      await Promise.all([...adds, store().mail.add(message('99', { recipient: 'eve@example.com' }))]);
      expect(await states()).toHaveLength(6);
      await store().mail.add(message('98', { template: 'reset-password' }));
      await store().mail.add(message('97', { createdAt: at + 1, limit: { most: 5, since: at } }));
      expect((await states()).slice(0, 3)).toEqual(['99 queued', '98 queued', '97 queued']);
    });

    test('messages that ended are deleted after their time, and those that wait are not', async () => {
      for (const id of ['1', '2']) await store().mail.add(message(id));
      const [one] = await claim(at, 1);
      await store().mail.end(one!, { state: 'sent', at: at + MINUTE });
      expect(await store().retention.expire('mail', at + MINUTE, 10)).toBe(false);
      expect(await states()).toHaveLength(2);
      expect(await store().retention.expire('mail', at + 99 * MINUTE, 1)).toBe(true);
      expect(await states()).toEqual([`${one!.id === '1' ? 2 : 1} queued`]);
    });
  });
}
