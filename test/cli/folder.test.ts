import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Failure } from '../../cli/process/failure.ts';
import { loadCredentials, saveCredentials } from '../../cli/up/credentials.ts';
import { openFolder } from '../../cli/up/folder.ts';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'gatehouse-folder-'));
});
afterEach(() => rmSync(parent, { recursive: true }));

const mode = (path: string) => statSync(path).mode & 0o777;

it('is the owner’s alone', () => {
  const folder = openFolder(join(parent, 'data'));
  expect(mode(folder.path)).toBe(0o700);
  loadCredentials(folder.secrets);
  expect(mode(folder.secrets)).toBe(0o600);
  folder.release();
});

it('a folder with files of others is left as it is', () => {
  const path = join(parent, 'mine');
  mkdirSync(path, { mode: 0o755 });
  writeFileSync(join(path, 'thesis.tex'), '');
  expect(() => openFolder(path)).toThrow(`The folder ${path} contains other files (thesis.tex)`);
  expect([mode(path), readdirSync(path)]).toEqual([0o755, ['thesis.tex']]);
});

it('a folder that an earlier start filled, and an empty one, are used', () => {
  const path = join(parent, 'empty');
  mkdirSync(path);
  openFolder(path).release();
  writeFileSync(join(path, 'api.sqlite'), '');
  writeFileSync(join(path, 'notes'), '');
  openFolder(path).release();
});

it('a folder that cannot be created is an error, also below /proc', () => {
  expect(() => openFolder('/proc/nope')).toThrow('The data folder /proc/nope cannot be created');
});

it('a second one on the same folder is refused by the number of the first', () => {
  const path = join(parent, 'data');
  const first = openFolder(path);
  expect(() => openFolder(path)).toThrow(`already runs on ${path} (process ${process.pid})`);
  first.release();
  // What an earlier boot left behind names a process that holds nothing.
  writeFileSync(join(path, 'up.pid'), `${process.ppid}\n`);
  const folder = openFolder(path);
  expect(Number(readFileSync(join(path, 'up.pid'), 'utf8'))).toBe(process.pid);
  folder.release();
});

it('a path too long for a socket keeps its sockets elsewhere, the same place each time', async () => {
  const path = join(parent, 'd'.repeat(120));
  const folder = openFolder(path);
  expect(Buffer.byteLength(folder.sockets.admin)).toBeLessThan(104);
  folder.release();
  expect(openFolder(path).sockets).toEqual(folder.sockets);
  expect(mode(dirname(folder.sockets.xds))).toBe(0o700);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(folder.sockets.xds, resolve));
  server.close();
  rmSync(dirname(folder.sockets.xds), { recursive: true });
});

it('credentials stay the same, and damaged ones are never replaced', () => {
  const file = join(parent, 'secrets.json');
  const first = loadCredentials(file);
  expect(loadCredentials(file)).toEqual(first);
  saveCredentials(file, { ...first, tenantToken: 't' });
  expect(loadCredentials(file).tenantToken).toBe('t');
  writeFileSync(file, '{');
  expect(() => loadCredentials(file)).toThrow(Failure);
});
