import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

type Env = Record<string, string | undefined>;

/**
 * Chooses the folder of Node's compile cache. The cache halves the time of a start and saves 25 MB of memory, because
 * Node does not load the TypeScript compiler. All processes of a user share the folder. Node separates its versions in
 * it. https://nodejs.org/docs/latest/api/module.html#module-compile-cache
 *
 * The function returns the first usable folder of `NODE_COMPILE_CACHE`, the user's cache folder, and `own`. Node runs
 * the code in the folder, so the function skips folders to which other users may write.
 *
 * @param own a folder that only this installation uses; absent means that there is no third choice
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
    // The folder is read-only, full or owned by another user. A slow start is better than none.
    return false;
  }
}
