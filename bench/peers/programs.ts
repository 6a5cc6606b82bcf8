import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectFile } from '../../cli/process/project-file.ts';

const run = promisify(execFile);

/** Where programs that are built for the bench are kept. */
const BUILT = projectFile('.cache/peers');
export const CADDY = join(BUILT, 'caddy');
export const CONTROL_PLANE = join(BUILT, 'control-plane');
const CADDY_MODULE = 'github.com/caddyserver/caddy/v2/cmd/caddy@v2.11.9';
const DEBIAN = ['nginx', 'haproxy', 'nghttp2-client'];
const LIMIT_MS = 20 * 60_000;

const SOURCES = projectFile('bench/peers/control-plane');

/**
 * Debian packages, and programs that Go builds. A program that is not available is reported and left out of the
 * measurement.
 */
export async function install(progress: (line: string) => void): Promise<void> {
  const steps: [string, () => Promise<unknown>][] = [
    [`Installing ${DEBIAN.join(', ')}`, installPackages],
    ['Building the control plane on go-control-plane', buildControlPlane],
    ['Building Caddy', () => go(['install', CADDY_MODULE], { GOBIN: BUILT })],
  ];
  for (const [what, step] of steps) {
    progress(`${what} …`);
    await step().catch((error: Error) => progress(`  failed: ${error.message.split('\n')[0]}`));
  }
}

async function installPackages(): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-qq'], { env, timeout: LIMIT_MS });
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...DEBIAN], { env, timeout: LIMIT_MS });
}

/** Builds the control plane. Go does nothing if the sources have not changed. */
const buildControlPlane = () => go(['build', '-o', CONTROL_PLANE, '.'], {}, SOURCES);

async function go(args: string[], env: Record<string, string>, cwd?: string): Promise<void> {
  await run('go', args, { cwd, env: { ...process.env, GOFLAGS: '-buildvcs=false', ...env }, timeout: LIMIT_MS });
}

/** @returns what a program says of its version, or that it is not there */
export async function versionFrom(
  command: string,
  args: string[],
  pattern: RegExp,
): Promise<{ version: string } | { missing: string }> {
  try {
    const { stdout, stderr } = await run(command, args, { timeout: 20_000 });
    return { version: pattern.exec(stdout + stderr)?.[1] ?? 'unknown' };
  } catch {
    return { missing: `${command} is not installed; --install does` };
  }
}

/** As `versionFrom`, of a module that a Go program was built with. */
export async function moduleVersion(
  binary: string,
  module: string,
): Promise<{ version: string } | { missing: string }> {
  if (!existsSync(binary)) return { missing: `${binary} is not built; --install does` };
  const pattern = new RegExp(`(?:dep|mod)\\s+${module.replaceAll('.', '\\.')}\\s+v(\\S+)`);
  return versionFrom('go', ['version', '-m', binary], pattern);
}
