/**
 * `npm run worker:dev`: the Worker in workerd on this machine, over a D1 database in a folder.
 *
 * GATEHOUSE_LISTEN          host:port, default 127.0.0.1:8480
 * GATEHOUSE_WORKER_FOLDER   the folder of the database and the secrets, default .gatehouse/worker
 *
 * Other arguments go to `wrangler dev`.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';

const { GATEHOUSE_LISTEN = '127.0.0.1:8480', GATEHOUSE_WORKER_FOLDER = '.gatehouse/worker', ...env } = process.env;
const [host, port] = GATEHOUSE_LISTEN.split(/:(?=\d+$)/) as [string, string | undefined];
if (port === undefined) fail('GATEHOUSE_LISTEN must be host:port');

await requireFree(host, Number(port));
mkdirSync(GATEHOUSE_WORKER_FOLDER, { recursive: true });
const secrets = join(GATEHOUSE_WORKER_FOLDER, 'secrets.env');
if (!existsSync(secrets)) writeFileSync(secrets, newSecrets(), { mode: 0o600 });
process.stdout.write(`gatehouse worker: the operator's token is in ${secrets}\n`);

const package_ = createRequire(import.meta.url).resolve('wrangler/package.json');
const args = ['--ip', host, '--port', port, '--persist-to', GATEHOUSE_WORKER_FOLDER, '--env-file', secrets, '--env='];
const wrangler = spawn(
  process.execPath,
  [join(dirname(package_), 'bin', 'wrangler.js'), 'dev', '--test-scheduled', ...args, ...process.argv.slice(2)],
  { stdio: ['ignore', 'inherit', 'inherit'], env: { CLOUDFLARE_CF_FETCH_ENABLED: 'false', ...env } },
);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => wrangler.kill(signal));
wrangler.on('exit', (code) => process.exit(code ?? 0));

/** Checks that the port is free, because workerd ends with a stack trace when the port is in use. */
async function requireFree(host: string, port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.once('error', ({ code }: NodeJS.ErrnoException) =>
      fail(
        `${GATEHOUSE_LISTEN} cannot be opened (${code}). Stop what holds it (\`npm start\`?), ` +
          `or choose another port: GATEHOUSE_LISTEN=127.0.0.1:8490 npm run worker:dev`,
      ),
    );
    server.listen({ host: host.replace(/^\[|\]$/g, ''), port, exclusive: true }, resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}

function newSecrets(): string {
  const { GATEHOUSE_SEALING_KEYS = `dev:${randomBytes(32).toString('base64')}` } = process.env;
  const { GATEHOUSE_OPERATOR_TOKEN = `gh_operator_${randomBytes(32).toString('base64url')}` } = process.env;
  // Names that nobody has registered are enough to try everything.
  const { GATEHOUSE_DOMAIN_PROOF = 'optional' } = process.env;
  const all = { GATEHOUSE_SEALING_KEYS, GATEHOUSE_OPERATOR_TOKEN, GATEHOUSE_DOMAIN_PROOF };
  return Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function fail(message: string): never {
  process.stderr.write(`gatehouse worker: ${message}\n`);
  process.exit(1);
}
