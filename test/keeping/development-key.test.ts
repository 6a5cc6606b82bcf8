import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { developmentKey, existingKey } from '../../api/secrets/development-key.node.ts';
import type { Store } from '../../api/store/store.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'gatehouse-key-'));

const unused = { keys: { checks: async () => [] } } as unknown as Store;

test('a key is made once, for its owner alone, and nothing is left beside it', async () => {
  const at = join(folder(), 'new');
  const url = `sqlite:${join(at, 'data.db')}`;
  expect(existingKey(url)).toBeUndefined();
  const key = await developmentKey(url, unused);
  expect(key).toMatch(/^dev:[\w+/]{43}=$/);
  expect([await developmentKey(url, unused), existingKey(url)]).toEqual([key, key]);
  expect(statSync(join(at, 'sealing.key')).mode & 0o077).toBe(0);
  expect(readdirSync(at)).toEqual(['sealing.key']);
});

test('a file that a crash left empty is made again', async () => {
  const at = folder();
  writeFileSync(join(at, 'sealing.key'), '');
  const key = await developmentKey(`sqlite:${join(at, 'data.db')}`, unused);
  expect(readFileSync(join(at, 'sealing.key'), 'utf8')).toBe(`${key}\n`);
});

test('a lost key is not replaced by a new one, because the store has a check of it', async () => {
  const at = folder();
  const used = { keys: { checks: async () => [{ keyId: 'dev', sealed: '' }] } } as unknown as Store;
  await expect(developmentKey(`sqlite:${join(at, 'data.db')}`, used)).rejects.toThrow(
    `the file ${join(at, 'sealing.key')} with the sealing key of this store (dev) does not exist`,
  );
  expect(readdirSync(at)).toEqual([]);
});
