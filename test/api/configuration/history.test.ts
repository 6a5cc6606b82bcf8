import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { sha256 } from '../../../api/access/authenticate.ts';
import { examine } from '../../../api/keeping/doctor.ts';
import type { Finding } from '../../../api/keeping/finding.ts';
import { replay } from '../../history/replay.ts';
import { Workload } from '../../history/workload.ts';
import { accepted, beginning, contended, rejected, restore, type Writer } from '../../history/writes.ts';
import { type Harness, harness, SHARED_FLEET } from '../harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-history-'));
const onFile = inject('postgres') === undefined && inject('worker') === undefined;
let api: Harness;
beforeAll(async () => {
  api = await harness(onFile ? { GATEHOUSE_STORE: `sqlite:${join(folder, 'data.db')}` } : {});
  await api.post('/v1/fleets', SHARED_FLEET);
  await api.post('/v1/tenants', { name: 'holder' });
  await api.put('/v1/tenants/holder/configuration', beginning('held.example.com'));
});
afterAll(async () => {
  await api.close();
  rmSync(folder, { recursive: true });
});

let count = 0;
/** A tenant with the resources every writer needs, and one writer per name. */
async function tenant(workload: Workload, ...names: string[]): Promise<Writer[]> {
  const name = `t${++count}`;
  const host = `${name}.example.com`;
  expect((await api.post('/v1/tenants', { name })).status).toBe(201);
  expect((await api.put(`/v1/tenants/${name}/configuration`, beginning(host))).status).toBe(201);
  workload.given(name, beginning(host));
  return names.map((writer) => ({ tenant: name, host, name: writer, taken: 'held.example.com', known: 1 }));
}

const workload = () => new Workload((method, path, body, headers) => api.call(method, path, body, { headers }));

async function examined(): Promise<Finding[]> {
  const { dialect, driver } = await api.database();
  const findings = await Array.fromAsync(examine(dialect, driver, sha256));
  await driver.close();
  return findings;
}

/** Every response was correct, the store is consistent, and each revision is the one before with its own changes. */
async function expectTrue(made: Workload, name: string): Promise<void> {
  expect(made.wrong).toEqual([]);
  expect(await replay(api.store, name, made)).toEqual([]);
  expect(await examined()).toEqual([]);
}

/** Each request is slower on that engine. */
const ROUNDS = inject('worker') === undefined ? 40 : 15;
const rounds = async (made: Workload, writer: Writer, kinds: readonly (typeof restore)[]) => {
  for (let i = 0; i < ROUNDS; i++) await made.send(writer, kinds[i % kinds.length]!(writer, `${writer.name}-${i}`));
};

describe('writers of one tenant', () => {
  test('that put and delete an upstream and a route that needs it never leave the route alone', async () => {
    const made = workload();
    const writers = await tenant(made, 'w1', 'w2', 'w3', 'w4', 'w5');
    await Promise.all(writers.map((writer, i) => rounds(made, writer, i < 4 ? [contended[i]!] : [accepted[0]!])));
    await expectTrue(made, writers[0]!.tenant);
  });

  test('of every kind at once make revisions that follow from each other', async () => {
    const made = workload();
    const writers = await tenant(made, ...Array.from({ length: 8 }, (_, i) => `w${i}`));
    const kinds = [...accepted, ...contended, restore, ...rejected];
    await Promise.all(writers.map((writer, i) => made.write(writer, 20261128 + i, (sent) => sent === ROUNDS * 2)));
    await Promise.all(writers.map((writer, i) => rounds(made, writer, [...kinds.slice(i), ...kinds.slice(0, i)])));
    await expectTrue(made, writers[0]!.tenant);
  });

  test('with If-Match to what nobody else writes are never told that it has changed', async () => {
    const made = workload();
    const writers = await tenant(made, 'w1', 'w2', 'w3', 'w4');
    await Promise.all(
      writers.map(async (writer) => {
        let etag: string | undefined;
        for (let i = 0; i < ROUNDS; i++) {
          const write = accepted[0]!(writer, `${writer.name}-${i}`);
          const answer = await made.send(writer, { ...write, ...(etag && { headers: { 'if-match': etag } }) });
          etag = answer?.headers.get('etag') ?? undefined;
          // Other requests are computed from a head that is never written.
          await made.send(writer, rejected[7]!(writer, 'm'));
        }
      }),
    );
    await expectTrue(made, writers[0]!.tenant);
  });
});
