import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Creates a folder and its missing parents. An existing folder keeps its mode.
 *
 * `mkdirSync` with `recursive` never returns when a file system such as /proc reports a folder as missing although it
 * cannot be created. This function fails instead.
 *
 * @param mode the mode of the folders that it creates; default as for `mkdirSync`
 * @throws Error of `mkdirSync` when a folder cannot be created
 */
export function makeFolder(folder: string, mode?: number): void {
  const path = resolve(folder);
  if (isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent, mode);
  try {
    mkdirSync(path, { ...(mode !== undefined && { mode }) });
  } catch (error) {
    // Another process may have created it meanwhile.
    if (!isFolder(path)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
