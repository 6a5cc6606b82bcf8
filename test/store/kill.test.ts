import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore } from '../../api/store/open.node.ts';
import type { Store } from '../../api/store/store.ts';
import { byKey } from './fixtures.ts';

const WRITERS = 8;
const ROUNDS = 3;
const ACKNOWLEDGED_A_ROUND = 150;

let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-kill-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Runs the writer, kills it with -9 in the middle, and answers the highest revision of each tenant it was told is kept. */
async function writeAndDie(url: string): Promise<Map<string, number>> {
  const writer = new URL('./writer.ts', import.meta.url).pathname;
  child = spawn(process.execPath, [writer, url, String(WRITERS)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged = new Map<string, number>();
  let count = 0;
  for await (const line of createInterface({ input: child.stdout! })) {
    // The last line may be cut: of a name nothing is known then, of a number only that it was at least this.
    const [, name, number] = /^(tenant-\d) (\d+)$/.exec(line) ?? [];
    if (name) acknowledged.set(name, Number(number));
    if (++count === ACKNOWLEDGED_A_ROUND) child.kill('SIGKILL');
  }
  expect(count).toBeGreaterThanOrEqual(ACKNOWLEDGED_A_ROUND);
  return acknowledged;
}

/** Every revision up to the head is there with all that its batch wrote. */
async function expectWhole(store: Store, name: string): Promise<number> {
  const head = (await store.tenants.find(name))!.revision;
  expect(await store.revisions.find(name, head + 1)).toBeUndefined();
  for (let number = 1; number <= head; number++) {
    expect(await store.revisions.find(name, number)).toMatchObject({ number, parent: number - 1 });
    expect(byKey(await store.configuration.resources(name, number))).toEqual({
      'route/one': { number },
      'route/two': { number },
      [`upstream/u${number}`]: { number },
    });
    expect(await store.feed.ofRevision(name, number)).toHaveLength(1);
  }
  expect(await store.configuration.resources(name)).toEqual(await store.configuration.resources(name, head));
  return head;
}

test('killed in the middle of writes, it keeps every acknowledged revision whole and none by half', async () => {
  const url = `sqlite:${join(folder, 'data.db')}`;
  for (let round = 0; round < ROUNDS; round++) {
    const acknowledged = await writeAndDie(url);
    const store = await openStore(url);
    let rows = 0;
    for (const [name, number] of acknowledged) {
      const head = await expectWhole(store, name);
      expect(head).toBeGreaterThanOrEqual(number);
      rows += head;
    }
    // Creating the fleet took the first number; every revision, and nothing else, took one more.
    if (acknowledged.size === WRITERS) expect((await store.fleets.find('public'))!.seq).toBe(rows + 1);
    await store.close();
  }
});
