import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { freePorts } from '../e2e/stack.ts';

const shim = fileURLToPath(new URL('../../cli/gatehouse.mjs', import.meta.url));
// Another Gatehouse may run on this machine, with the default ports.
const first = await freePorts(10);
const ports = ['--http', '--https', '--api-port', '--agent-port', '--demo-port'].flatMap((flag, n) => [
  flag,
  String(first + n),
]);
function gatehouse(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [shim, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

it('prints its version and its commands', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect(gatehouse('--version')).toMatchObject({ status: 0, stdout: `${version}\n` });
  const help = gatehouse('--help');
  expect(help.status).toBe(0);
  for (const command of [
    'up',
    'api',
    'agent',
    'status',
    'migrate',
    'doctor',
    'backup',
    'restore',
    'store',
    'completion',
  ])
    expect(help.stdout).toContain(`  ${command} `);
});

it.each([
  [['upp'], "unknown command 'upp'"],
  [['up', '--http', '99999'], 'A port is a number from 1 to 65535'],
  [['up', '--http', '21999', '--https', '21999'], 'Port 21999 is used twice'],
  [
    ['agent', 'bootstrap', '--fleet', 'f', '--node', 'n', '--xds', 'nowhere', '--admin', 'unix:/a'],
    'Expected unix:/path or host:port',
  ],
  [
    ['agent', 'bootstrap', '--fleet', 'f', '--node', 'n', '--xds', 'unix:/x', '--admin', 'unix:/a', '--max-heap', '1'],
    'Envoy needs at least 32 MiB',
  ],
  [['completion', 'tcsh'], 'bash, zsh, fish'],
  [['agent'], 'GATEHOUSE_API (--api) is missing'],
  [['api', '--listen', 'nowhere'], 'GATEHOUSE_LISTEN (--listen) must be host:port'],
  [['doctor', '--store', 'nowhere'], "The store URL 'nowhere'"],
  [['up', '--http', '1e4'], 'A port is a number from 1 to 65535'],
  [['up', '--http', '0x50'], 'A port is a number from 1 to 65535'],
  [['up', '--data', ''], 'Expected the path of a folder'],
  [['up', '--data', '/proc/nope', ...ports], 'The data folder /proc/nope cannot be created'],
  [['status', 'acme', '--wait', '1e1'], 'Expected a whole number from 1'],
  [['doctor', '--store', 'postgres://127.0.0.1/x?pol=3'], "has a parameter 'pol' that is not known"],
  [['doctor', '--store', 'd1:NOPE'], 'wrangler.toml binds no D1 database as NOPE'],
  [['migrate', '--store', 'nosuch:x'], "The store URL 'nosuch:…'"],
  [['api', '--store', 'nosuch:x'], "The store URL 'nosuch:…'"],
  [['store', 'advance', '--store', 'nosuch:x'], "The store URL 'nosuch:…'"],
  [['store', 'copy', '--from', 'nosuch:x', '--to', 'sqlite:y'], "The store URL 'nosuch:…'"],
  [['store', 'copy', '--from', 'sqlite:x', '--to', 'sqlite:./x'], '--from and --to name the same database'],
  [['backup', '--store', 'd1:DB', '--to', 'x'], 'store copy --from d1:DB'],
  [['restore', '--from', 'README.md', '--store', 'sqlite:README.md'], '--from and --store name the same file'],
  [['restore', '--from', 'README.md', '--store', 'sqlite:x'], "'README.md' is not a backup"],
  [['status', 'acme', '--profile', '/nowhere'], 'There is no profile /nowhere'],
])('%j is refused with what is wrong', (args, said) => {
  const { status, stderr } = gatehouse(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(said);
  expect(stderr).not.toContain('    at ');
});

it('with --json, an option that is wrong is an object on stdout too', () => {
  const { status, stdout } = gatehouse('status', 'acme', '--json', '--wait', 'x');
  expect(status).toBe(2);
  expect(JSON.parse(stdout)).toEqual({ error: { message: expect.stringContaining('whole number'), details: [] } });
});

it('a setting that is wrong is an error of usage too', () => {
  const run = (env: Record<string, string>, ...args: string[]) => {
    const options = {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    } as const;
    const { status, stderr } = spawnSync(process.execPath, [shim, ...args], options);
    return { status, stderr };
  };
  const key = Buffer.alloc(32).toString('base64');
  expect(run({}, 'api', '--store', 'postgres://127.0.0.1:1/x')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('GATEHOUSE_SEALING_KEYS must be set with this database'),
  });
  expect(
    run({ GATEHOUSE_SEALING_KEYS: `a:${key},a:${key}` }, 'api', '--store', 'postgres://127.0.0.1:1/x'),
  ).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('the entries 1 and 2 have the same id'),
  });
  expect(run({ GATEHOUSE_SEALING_KEYS: `a:${key},a:${key}` }, 'doctor', '--store', 'sqlite:x')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('the entries 1 and 2 have the same id'),
  });
});

it.each([['--help'], ['completion', 'bash'], ['status', 'acme', '--url', 'http://127.0.0.1:1', '--json']])(
  'ends silently when the reader of `%s %s` has closed the pipe',
  async (...args) => {
    const child = spawn(process.execPath, [shim, ...args.filter(Boolean)], {
      env: { ...process.env, GATEHOUSE_TOKEN: 't' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    await once(child, 'close');
    expect(said).not.toContain('EPIPE');
    expect(said).not.toContain('    at ');
  },
);

it('an older Node prints what to do', () => {
  const pretend = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.1.0"})';
  const { status, stderr } = spawnSync(process.execPath, ['--import', pretend, shim, 'up'], {
    encoding: 'utf8',
    env: { ...process.env, GATEHOUSE_REEXECUTED: '1' },
  });
  expect(status).toBe(1);
  expect(stderr).toContain('needs Node 24 or newer');
  expect(stderr).toContain('npm ci');
});

it('an older Node hands over to the one of the checkout', () => {
  const pretend = 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.1.0"})';
  const { status, stdout } = spawnSync(process.execPath, ['--import', pretend, shim, '--version'], {
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
});

it('prints a bootstrap that names the fleet, the node and the agent', () => {
  const { stdout } = gatehouse(
    ...[
      'agent',
      'bootstrap',
      '--fleet',
      'edge',
      '--node',
      'edge-1',
      '--xds',
      'unix:/run/xds.sock',
      '--admin',
      '127.0.0.1:9901',
      ...['--max-connections', '1000', '--max-heap', '512'],
    ],
  );
  const config = JSON.parse(stdout) as { node: unknown; admin: unknown };
  expect(config.node).toMatchObject({ id: 'edge-1', cluster: 'edge' });
  // The limit on visitors must not apply to health checks of Envoy.
  expect(config.admin).toEqual({
    address: { socket_address: { address: '127.0.0.1', port_value: 9901 } },
    ignore_global_conn_limit: true,
  });
  expect(stdout).toContain('"max_active_downstream_connections": 1000\n');
  expect(stdout).toContain('"max_heap_size_bytes": 536870912\n');
  expect(stdout).toContain('/run/xds.sock');
});

it('completes commands, their options and the commands under them in bash', () => {
  const { stdout: script } = gatehouse('completion', 'bash');
  const complete = (...words: string[]) => {
    const typed = words.map((word) => `'${word}'`).join(' ');
    const ask = `${script}\nCOMP_WORDS=(gatehouse ${typed}); COMP_CWORD=${words.length}; _gatehouse; echo "\${COMPREPLY[*]}"`;
    return spawnSync('bash', ['-c', ask], { encoding: 'utf8' }).stdout.trim().split(' ');
  };
  expect(complete('a')).toEqual(['api', 'agent', 'audit']);
  expect(complete('up', '--ht')).toEqual(['--http', '--https']);
  expect(complete('agent', 'b')).toEqual(['bootstrap']);
  expect(complete('agent', 'bootstrap', '--n')).toEqual(['--node']);
  expect(complete('h')).toEqual(['help']);
  expect(complete('help', 'res')).toEqual(['restore']);
  // No words: bash then completes files.
  expect(complete('restore', '--from', '')).toEqual(['']);
  expect(complete('completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
});

it.each(['zsh', 'fish'])('has a script for %s that knows every command', (shell) => {
  const { status, stdout } = gatehouse('completion', shell);
  expect(status).toBe(0);
  for (const word of ['up', 'agent', 'bootstrap', 'https']) expect(stdout).toContain(word);
});
