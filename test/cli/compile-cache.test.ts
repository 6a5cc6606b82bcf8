import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compileCache } from '../../cli/process/compile-cache.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'home-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const own = () => join(home, 'data', 'compiled');
const shared = () => join(home, '.cache', 'gatehouse', 'compiled');

it('is what the environment says', () => {
  expect(compileCache({ HOME: home, NODE_COMPILE_CACHE: '/srv/cache' }, own())).toEqual({});
});

it("is the user's cache folder, which every process shares and nobody else may write to", () => {
  expect(compileCache({ HOME: home }, own())).toEqual({ NODE_COMPILE_CACHE: shared() });
  expect(statSync(shared()).mode & 0o777).toBe(0o700);
  expect(compileCache({ HOME: '/nowhere', XDG_CACHE_HOME: join(home, '.cache') })).toEqual({
    NODE_COMPILE_CACHE: shared(),
  });
});

it('is of the installation when there is no home, and none when there is neither', () => {
  expect(compileCache({}, own())).toEqual({ NODE_COMPILE_CACHE: own() });
  expect(compileCache({})).toEqual({});
});

it('is not where others may write, nor where nothing can be written', () => {
  mkdirSync(shared(), { recursive: true });
  chmodSync(shared(), 0o777);
  expect(compileCache({ HOME: home }, own())).toEqual({ NODE_COMPILE_CACHE: own() });
  writeFileSync(join(home, 'file'), '');
  expect(compileCache({ HOME: join(home, 'file') })).toEqual({});
});
