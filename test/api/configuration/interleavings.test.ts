import { hash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, inject, test } from 'vitest';
import { createApp } from '../../../api/app.ts';
import { examine } from '../../../api/keeping/doctor.ts';
import { textMetrics } from '../../../api/observe/text-metrics.ts';
import { readSettings } from '../../../api/settings.ts';
import type { Driver } from '../../../api/store/driver.ts';
import { migrate } from '../../../api/store/migrate.ts';
import { openDatabase } from '../../../api/store/open.node.ts';
import { createStore } from '../../../api/store/store.ts';
import { registerOperator } from '../../../api/tokens/bootstrap.ts';
import { replay } from '../../history/replay.ts';
import { type Ask, Workload } from '../../history/workload.ts';
import { accepted, beginning, contended, rejected, restore, type Writer } from '../../history/writes.ts';
import { OPERATOR, SHARED_FLEET } from '../harness.ts';

const sha256 = (text: string): string => hash('sha256', text);
const silent = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/** The API over SQLite in memory; awaits `hold` before each batch and each read. */
async function serve(hold: (what: string) => Promise<unknown>) {
  const { driver: real, migrations } = await openDatabase('sqlite::memory:', { create: true });
  await migrate(real, migrations);
  const driver: Driver = {
    all: async (sql, params) => {
      await hold('read');
      return real.all(sql, params);
    },
    batch: async (statements) => {
      await hold('batch');
      return real.batch(statements);
    },
    close: () => real.close(),
  };
  const store = createStore('sqlite', driver);
  await registerOperator(createStore('sqlite', real), OPERATOR, sha256);
  const sealingKeys = `k:${Buffer.alloc(32).toString('base64')}`;
  const app = await createApp({
    store,
    settings: {
      ...readSettings({ GATEHOUSE_DOMAIN_PROOF: 'optional', GATEHOUSE_DELETION_GRACE_DAYS: '0' }),
      sealingKeys,
    },
    log: silent,
    metrics: textMetrics(),
    sha256,
  });
  const ask: Ask = async (method, path, body, headers) => {
    const payload = body === undefined ? {} : { body: JSON.stringify(body) };
    const all = { authorization: `Bearer ${OPERATOR}`, 'content-type': 'application/json', ...headers };
    const response = await app.fetch(new Request(`http://api${path}`, { method, headers: all, ...payload }));
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  };
  return { ask, driver: real, store: createStore('sqlite', real) };
}

/** Resolves when only held work remains. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 10));

async function begin(ask: Ask, workload: Workload): Promise<Writer> {
  await ask('POST', '/v1/fleets', SHARED_FLEET, {});
  for (const [name, host] of [
    ['acme', 'acme.example.com'],
    ['holder', 'held.example.com'],
  ] as const) {
    await ask('POST', '/v1/tenants', { name }, {});
    expect((await ask('PUT', `/v1/tenants/${name}/configuration`, beginning(host), {}))?.status).toBe(201);
    workload.given(name, beginning(host));
  }
  return { tenant: 'acme', host: 'acme.example.com', name: 'w', taken: 'held.example.com', known: 1 };
}

/** SQLite only: batches of other engines cannot be held. */
describe.skipIf(inject('postgres') !== undefined || inject('worker') !== undefined)('requests in any order', () => {
  const kinds = [...accepted, ...contended, restore, ...rejected];
  const example = { tenant: 't', host: 'h', name: 'w', taken: 'x', known: 1 };

  test.for(rejected.map((kind) => [kind(example, 'm').what, kind] as const))(
    '%s is answered once the head it was judged on is written, and takes nothing from the writers',
    async ([, kind]) => {
      let release = () => {};
      let held: Promise<void> | undefined;
      const { ask, driver, store } = await serve((what) => (what === 'batch' && held) || Promise.resolve());
      const made = new Workload(ask);
      const writer = await begin(ask, made);
      held = new Promise((resolve) => {
        release = resolve;
      });
      let refused = false;
      const send = (name: string, which = accepted[0]!) => {
        const by = { ...writer, name };
        return made.send(by, which(by, name));
      };
      // Each is computed from the one before and under way.
      const sent = [send('w1'), send('w2')];
      await settle();
      sent.push(
        send('r', kind).finally(() => {
          refused = true;
        }),
      );
      await settle();
      sent.push(send('w3'), send('w4'));
      await settle();
      expect(refused).toBe(false);
      release();
      await Promise.all(sent);
      expect(made.wrong).toEqual([]);
      expect((await store.tenants.find('acme'))!.revision).toBe(5);
      expect(await replay(store, 'acme', made)).toEqual([]);
      expect(await Array.fromAsync(examine('sqlite', driver, sha256))).toEqual([]);
    },
  );

  test('whenever batches and reads come back, every answer is right and every revision is what its changes make', async () => {
    const requests = fc.array(fc.nat({ max: kinds.length - 1 }), { minLength: 4, maxLength: 12 });
    const property = fc.asyncProperty(fc.scheduler(), requests, async (scheduler, chosen) => {
      let hold: (what: string) => Promise<unknown> = async () => {};
      const { ask, driver, store } = await serve((what) => hold(what));
      const made = new Workload(ask);
      const writer = await begin(ask, made);
      hold = (what) => scheduler.schedule(Promise.resolve(), what);
      const sent = chosen.map(async (kind, i) => {
        await scheduler.schedule(Promise.resolve(), `request ${i}`);
        await made.send({ ...writer, name: `w${i % 3}` }, kinds[kind]!(writer, `m${i}`));
      });
      await scheduler.waitFor(Promise.all(sent));
      expect(made.wrong).toEqual([]);
      expect(await replay(store, 'acme', made)).toEqual([]);
      expect(await Array.fromAsync(examine('sqlite', driver, sha256))).toEqual([]);
      await driver.close();
    });
    await fc.assert(property, { seed: 20261128, numRuns: 60 });
  });
});
