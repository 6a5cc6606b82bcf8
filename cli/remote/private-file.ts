import { chmodSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Failure } from '../process/failure.ts';

type Environment = Record<string, string | undefined>;

/** Returns the folder of the user's settings. https://specifications.freedesktop.org/basedir-spec/latest/ */
export const configFolder = (env: Environment): string =>
  join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'gatehouse');

/**
 * Reads a file with a secret.
 *
 * @returns undefined when there is no such file
 * @throws Failure when others may read it
 */
export function readPrivate(file: string): string | undefined {
  try {
    if ((statSync(file).mode & 0o077) !== 0)
      throw new Failure(`Others may read the token in ${file}. Run \`chmod 600\` on it.`);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Writes a file that only its owner may read. A reader sees the file as it was before, or the whole new one. */
export function writePrivate(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const next = `${file}.${process.pid}`;
  writeFileSync(next, text, { mode: 0o600 });
  // A file of this name that existed keeps its mode.
  chmodSync(next, 0o600);
  renameSync(next, file);
}
