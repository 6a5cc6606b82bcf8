import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Programs that tests put behind Envoy or use as clients, each with the Debian package that contains it. */
const PACKAGES = {
  'redis-server': 'redis-server',
  dnsmasq: 'dnsmasq-base',
  dig: 'bind9-dnsutils',
  chromium: 'chromium',
};

/**
 * Installs the packages of missing programs in a Debian container. It leaves any other machine unchanged: there, the
 * package of a server would also start the server. Tests whose program is missing are skipped.
 */
export function setup(): void {
  const isContainer = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get') && existsSync('/usr/sbin/policy-rc.d');
  const missing = Object.entries(PACKAGES).flatMap(([program, name]) => (isInstalled(program) ? [] : [name]));
  if (!isContainer || missing.length === 0) return;
  const apt = (...args: string[]) =>
    execFileSync('apt-get', args, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
  try {
    apt('update');
    apt('install', '--yes', '--no-install-recommends', ...missing);
  } catch (error) {
    console.warn(`Debian packages were not installed, so some tests are skipped: ${(error as Error).message}`);
  }
}

const isInstalled = (program: string): boolean =>
  ['/usr/local/bin', '/usr/bin', '/usr/sbin', '/bin'].some((folder) => existsSync(`${folder}/${program}`));
