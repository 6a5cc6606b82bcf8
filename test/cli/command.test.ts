import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const shim = fileURLToPath(new URL('../../cli/gatehouse.mjs', import.meta.url));
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
  [['completion', 'tcsh'], 'bash, zsh, fish'],
  [['agent'], 'GATEHOUSE_API (--api) is missing'],
  [['api', '--listen', 'nowhere'], 'GATEHOUSE_LISTEN (--listen) must be host:port'],
  [['doctor', '--store', 'nowhere'], "The store URL 'nowhere'"],
  [['status', 'acme', '--profile', '/nowhere'], 'There is no profile /nowhere'],
])('%j is refused with what is wrong', (args, said) => {
  const { status, stderr } = gatehouse(...args);
  expect(status).toBe(2);
  expect(stderr).toContain(said);
  expect(stderr).not.toContain('    at ');
});

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
  expect(complete('a')).toEqual(['api', 'agent']);
  expect(complete('up', '--ht')).toEqual(['--http', '--https']);
  expect(complete('agent', 'b')).toEqual(['bootstrap']);
  expect(complete('agent', 'bootstrap', '--n')).toEqual(['--node']);
  expect(complete('completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
});

it.each(['zsh', 'fish'])('has a script for %s that knows every command', (shell) => {
  const { status, stdout } = gatehouse('completion', shell);
  expect(status).toBe(0);
  for (const word of ['up', 'agent', 'bootstrap', 'https']) expect(stdout).toContain(word);
});
