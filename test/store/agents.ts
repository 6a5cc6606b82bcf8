import { describe, expect, test } from 'vitest';
import type { NewAgent, NextCredential } from '../../api/store/agents.ts';
import type { Enrolment } from '../../api/store/enrolments.ts';
import type { Store } from '../../api/store/store.ts';
import { at, audit, fleet } from './fixtures.ts';

const HOUR = 3_600_000;

const enrolment = (id: string, more: Partial<Enrolment> = {}): Enrolment => ({
  ...{ id, fleet: 'public', description: 'for tests', createdAt: at, expiresAt: at + HOUR },
  ...more,
});

const agent = (id: string, more: Partial<NewAgent> = {}): NewAgent => ({
  ...{ id, fleet: 'public', name: `machine ${id}`, publicKey: `key ${id}`, version: '1', createdAt: at },
  lapsesAt: at + 9 * HOUR,
  ...more,
});

const next = (generation: number, nonce: string, more: Partial<NextCredential> = {}): NextCredential => ({
  ...{ id: 'a', generation, nonce, hash: `hash ${nonce}`, signedAt: at, version: '2', at: at + 1 },
  ...{ expiresAt: at + HOUR, lapsesAt: at + 10 * HOUR },
  ...more,
});

export function describeAgents(store: () => Store): void {
  const enrolled = async () => {
    await store().fleets.create(fleet('public'), audit);
    await store().enrolments.create(enrolment('1'), 'hash 1', { open: 9, agents: 99 }, audit);
    await store().enrolments.use('1', agent('a'), audit);
  };

  describe('enrolments', () => {
    test('are found by hash, as they were created, and listed by fleet', async () => {
      await store().fleets.create(fleet('public'), audit);
      await store().fleets.create(fleet('other'), audit);
      for (const id of ['2', '1'])
        expect(await store().enrolments.create(enrolment(id), id, { open: 9, agents: 99 }, audit)).toBe(true);
      await store().enrolments.create(enrolment('3', { fleet: 'other' }), '3', { open: 9, agents: 99 }, audit);
      expect(await store().enrolments.findByHash('2')).toEqual(enrolment('2'));
      expect(await store().enrolments.findByHash('4')).toBeUndefined();
      const listed = await store().enrolments.list('public', { limit: 9 });
      expect(listed.map(({ id }) => id)).toEqual(['1', '2']);
    });

    test('are used once, also by many at a time', async () => {
      await store().fleets.create(fleet('public'), audit);
      await store().enrolments.create(enrolment('1'), 'hash', { open: 9, agents: 99 }, audit);
      const uses = Array.from({ length: 64 }, (_, i) => store().enrolments.use('1', agent(`a${i}`), audit));
      expect((await Promise.all(uses)).filter((used) => used)).toHaveLength(1);
      const agents = await store().agents.list('public', { limit: 99 });
      expect(agents).toHaveLength(1);
      expect(await store().enrolments.findByHash('hash')).toMatchObject({ usedAt: at, agent: agents[0]!.id });
    });

    test('are not used after they were revoked or have expired, or for another fleet', async () => {
      await store().fleets.create(fleet('public'), audit);
      for (const id of ['1', '2', '3'])
        await store().enrolments.create(enrolment(id), id, { open: 9, agents: 99 }, audit);
      expect(await store().enrolments.revoke('other', '1', at, audit)).toBe(false);
      expect(await store().enrolments.revoke('public', '1', at, audit)).toBe(true);
      expect(await store().enrolments.revoke('public', '1', at, audit)).toBe(false);
      expect(await store().enrolments.use('1', agent('a'), audit)).toBe(false);
      expect(await store().enrolments.use('2', agent('a', { createdAt: at + HOUR }), audit)).toBe(false);
      expect(await store().enrolments.use('3', agent('a', { fleet: 'other' }), audit)).toBe(false);
    });

    test('are limited per fleet, also when many are created at a time', async () => {
      await store().fleets.create(fleet('public'), audit);
      const made = Array.from({ length: 16 }, (_, i) =>
        store().enrolments.create(enrolment(`${i}`), `${i}`, { open: 3, agents: 99 }, audit),
      );
      expect((await Promise.all(made)).filter((created) => created)).toHaveLength(3);
      const later = { createdAt: at + HOUR, expiresAt: at + 2 * HOUR };
      expect(await store().enrolments.create(enrolment('late', later), 'late', { open: 3, agents: 99 }, audit)).toBe(
        true,
      );
    });

    test('are not made when the fleet has too many agents', async () => {
      await enrolled();
      expect(await store().enrolments.create(enrolment('2'), '2', { open: 9, agents: 1 }, audit)).toBe(false);
      expect(await store().enrolments.create(enrolment('2'), '2', { open: 9, agents: 2 }, audit)).toBe(true);
    });

    test('go with their fleet, as its agents do', async () => {
      await enrolled();
      await store().fleets.remove(fleet('public'), audit);
      expect(await store().enrolments.findByHash('hash 1')).toBeUndefined();
      expect(await store().agents.find('a')).toBeUndefined();
      await expect(store().enrolments.create(enrolment('1'), 'hash', { open: 9, agents: 99 }, audit)).rejects.toThrow();
    });
  });

  describe('agents', () => {
    test('get one credential per generation, and the last one alone is valid', async () => {
      await enrolled();
      expect(await store().agents.find('a')).toMatchObject({ generation: 0, name: 'machine a', publicKey: 'key a' });
      expect(await store().agents.renew(next(0, 'first'))).toBe(true);
      expect(await store().agents.findByCredential('hash first')).toMatchObject({
        id: 'a',
        generation: 1,
        version: '2',
      });
      expect(await store().agents.renew(next(1, 'second'))).toBe(true);
      expect(await store().agents.findByCredential('hash first')).toBeUndefined();
      expect(await store().agents.findByCredential('hash second')).toMatchObject({
        ...{ generation: 2, renewedAt: at + 1, expiresAt: at + HOUR, lapsesAt: at + 10 * HOUR },
      });
    });

    test('may repeat a renewal, but no other may renew the same generation', async () => {
      await enrolled();
      await store().agents.renew(next(0, 'first'));
      expect(await store().agents.renew(next(0, 'first', { hash: 'again', signedAt: at + 1 }))).toBe(true);
      expect(await store().agents.findByCredential('again')).toMatchObject({ generation: 1 });
      expect(await store().agents.renew(next(0, 'stolen'))).toBe(false);
      await store().agents.renew(next(1, 'second'));
      expect(await store().agents.renew(next(0, 'first', { signedAt: at + 2 }))).toBe(false);
    });

    test('may repeat a renewal only if it is signed later than every renewal before it', async () => {
      await enrolled();
      await store().agents.renew(next(0, 'first', { signedAt: at + 9 }));
      for (const signedAt of [at, at + 9])
        expect(await store().agents.renew(next(0, 'first', { hash: 'recorded', signedAt }))).toBe(false);
      expect(await store().agents.findByCredential('hash first')).toMatchObject({ generation: 1 });
      // The clock of the agent was corrected.
      expect(await store().agents.renew(next(1, 'second', { signedAt: at + 5 }))).toBe(true);
      expect(await store().agents.renew(next(1, 'second', { hash: 'again', signedAt: at + 9 }))).toBe(false);
      expect(await store().agents.renew(next(1, 'second', { hash: 'again', signedAt: at + 10 }))).toBe(true);
    });

    test('of many copies of one repetition at a time, one succeeds', async () => {
      await enrolled();
      await store().agents.renew(next(0, 'first'));
      const repeated = Array.from({ length: 16 }, (_, i) =>
        store().agents.renew(next(0, 'first', { hash: `hash ${i}`, signedAt: at + 1 })),
      );
      expect((await Promise.all(repeated)).filter((renewed) => renewed)).toHaveLength(1);
    });

    test('of many renewals of one generation at a time, one succeeds', async () => {
      await enrolled();
      const renewals = Array.from({ length: 64 }, (_, i) => store().agents.renew(next(0, `nonce ${i}`)));
      expect((await Promise.all(renewals)).filter((renewed) => renewed)).toHaveLength(1);
      expect((await store().agents.find('a'))!.generation).toBe(1);
    });

    test('may be ahead of a database that was restored', async () => {
      await enrolled();
      expect(await store().agents.renew(next(7, 'ahead'))).toBe(true);
      expect((await store().agents.find('a'))!.generation).toBe(8);
    });

    test('cannot renew when they have lapsed or were stopped', async () => {
      await enrolled();
      expect(await store().agents.renew(next(0, 'late', { at: at + 9 * HOUR }))).toBe(false);
      const stop = { fleet: 'public', id: 'a', reason: 'revoked', at } as const;
      expect(await store().agents.stop({ ...stop, fleet: 'other' }, audit)).toBe(false);
      expect(await store().agents.stop({ ...stop, above: 0 }, audit)).toBe(false);
      expect(await store().agents.stop(stop, audit)).toBe(true);
      expect(await store().agents.stop(stop, audit)).toBe(false);
      expect(await store().agents.renew(next(0, 'stopped'))).toBe(false);
      expect(await store().agents.find('a')).toMatchObject({ stoppedAt: at, stopReason: 'revoked' });
    });

    test('are deleted when they have lapsed, and enrolments when they have expired, after their retention period', async () => {
      await enrolled();
      const { retention } = store();
      expect(await retention.expire('agent', at + 9 * HOUR, 5)).toBe(false);
      expect(await retention.expire('enrolment', at + HOUR, 5)).toBe(false);
      expect(await store().agents.find('a')).toBeDefined();
      await retention.expire('agent', at + 9 * HOUR + 1, 5);
      await retention.expire('enrolment', at + HOUR + 1, 5);
      expect(await store().agents.find('a')).toBeUndefined();
      expect(await store().enrolments.findByHash('hash 1')).toBeUndefined();
    });
  });
}
