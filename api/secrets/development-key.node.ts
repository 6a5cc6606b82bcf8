import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '../../wire/make-folder.node.ts';
import { WrongSetting } from '../../wire/wrong-setting.ts';
import type { Store } from '../store/store.ts';
import { requireUnused } from './verify.ts';

const fileOf = (url: string): string => join(dirname(url.replace(/^sqlite:/, '')), 'sealing.key');

/**
 * Returns the sealing key for development, when the settings contain none. It creates a key in a file beside the
 * database, unless the file exists. Only the owner of the file can read it.
 *
 * @param url the URL of the store
 * @param store the store at this URL
 * @throws WrongSetting when the store is not SQLite, because several processes may then share it
 * @throws Error when the file does not exist although the store was used before: a new key would open nothing in the store
 */
export async function developmentKey(url: string, store: Pick<Store, 'keys'>): Promise<string> {
  requireDevelopment(url);
  if (url === 'sqlite::memory:') return `dev:${randomBytes(32).toString('base64')}`;
  // The checks are read first: a process that starts at the same time creates the file before its check.
  const checks = await store.keys.checks();
  const key = existingKey(url);
  if (key === undefined) requireUnused(checks, fileOf(url));
  return key ?? makeKey(fileOf(url));
}

/**
 * Checks that a store may have a key for development.
 *
 * @throws WrongSetting as `developmentKey`
 */
export function requireDevelopment(url: string): void {
  if (!url.startsWith('sqlite:'))
    throw new WrongSetting(
      'GATEHOUSE_SEALING_KEYS must be set with this database: every process that shares it needs the same key. Write id:KEY, with a KEY from `openssl rand -base64 32`.',
    );
}

/**
 * Returns the key in the file beside a database; undefined when there is none. An empty file is the result of a crash.
 */
export function existingKey(url: string): string | undefined {
  if (!url.startsWith('sqlite:') || !existsSync(fileOf(url))) return undefined;
  return readFileSync(fileOf(url), 'utf8').trim() || undefined;
}

/**
 * Creates the file with a new key. The file is written to disk before it gets its name. Otherwise a power cut could
 * destroy the file but not the database, whose keys could then not be decrypted.
 */
function makeKey(file: string): string {
  makeFolder(dirname(file));
  if (existsSync(file) && statSync(file).size === 0) rmSync(file);
  const part = `${file}.${process.pid}.part`;
  writeFileSync(part, `dev:${randomBytes(32).toString('base64')}\n`, { mode: 0o600, flush: true });
  try {
    linkSync(part, file);
  } catch (error) {
    // Another process that started at the same time has created the file.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(part);
  }
  const folder = openSync(dirname(file), 'r');
  fsyncSync(folder);
  closeSync(folder);
  return readFileSync(file, 'utf8').trim();
}
