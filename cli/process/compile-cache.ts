import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

type Env = Record<string, string | undefined>;

/**
 * The folder of Node's compile cache. It halves the time of a start and saves 25 MB of memory, because the compiler
 * is not loaded. All processes of a user share it: Node separates versions.
 * https://nodejs.org/docs/latest/api/module.html#module-compile-cache
 *
 * The first usable of: `NODE_COMPILE_CACHE`, the user's cache folder, `own`. Node runs the code in the folder, so
 * folders that others may write to are skipped.
 *
 * @param own a folder of this installation alone; absent = no third choice
 * @returns the variables to add to the environment
 */
export function compileCache(env: Env, own?: string): Record<string, string> {
  if (env.NODE_COMPILE_CACHE) return {};
  const user = env.XDG_CACHE_HOME || (env.HOME && join(env.HOME, '.cache'));
  const folder = [user && join(user, 'gatehouse', 'compiled'), own].find((place) => place && isOurs(place));
  return folder ? { NODE_COMPILE_CACHE: folder } : {};
}

function isOurs(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = statSync(folder);
    return uid === process.getuid?.() && (mode & 0o022) === 0;
  } catch {
    // Read-only, full, or owned by somebody else: a slow start is better than none.
    return false;
  }
}
