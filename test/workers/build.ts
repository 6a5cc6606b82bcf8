import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export const ROOT = new URL('../../', import.meta.url);
const run = promisify(execFile);

/** Bundles the Worker as a deployment would. @returns what wrangler said of it, its size among that */
export async function bundle(folder: string): Promise<string> {
  const wrangler = new URL('node_modules/wrangler/bin/wrangler.js', ROOT).pathname;
  const { stdout } = await run(process.execPath, [wrangler, 'deploy', '--dry-run', '--env=', '--outdir', folder], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', CI: '1' },
  });
  return stdout;
}
