import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { developmentKey, existingKey } from '../../api/secrets/development-key.node.ts';

const folder = () => mkdtempSync(join(tmpdir(), 'gatehouse-key-'));

test('a key is made once, for its owner alone, and nothing is left beside it', () => {
  const at = join(folder(), 'new');
  const url = `sqlite:${join(at, 'data.db')}`;
  expect(existingKey(url)).toBeUndefined();
  const key = developmentKey(url);
  expect(key).toMatch(/^dev:[\w+/]{43}=$/);
  expect([developmentKey(url), existingKey(url)]).toEqual([key, key]);
  expect(statSync(join(at, 'sealing.key')).mode & 0o077).toBe(0);
  expect(readdirSync(at)).toEqual(['sealing.key']);
});

test('a file that a crash left empty is made again', () => {
  const at = folder();
  writeFileSync(join(at, 'sealing.key'), '');
  const key = developmentKey(`sqlite:${join(at, 'data.db')}`);
  expect(readFileSync(join(at, 'sealing.key'), 'utf8')).toBe(`${key}\n`);
});
