import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../e2e/stack.ts';

const shim = fileURLToPath(new URL('../../cli/gatehouse.mjs', import.meta.url));
// The API and the agent are neighbours, and the ports that a start with busy ports offers are not used.
const apiPort = await freePorts(4);
const ports = {
  http: await freePorts(2),
  https: await freePorts(2),
  'api-port': apiPort,
  'agent-port': apiPort + 1,
  'demo-port': await freePorts(6),
};
const movedDemo = await freePorts(6);
const flags = (overrides: Partial<typeof ports> = {}) =>
  Object.entries({ ...ports, ...overrides }).flatMap(([name, port]) => [`--${name}`, String(port)]);

interface Up {
  process: ChildProcess;
  /** All it has printed. */
  output(): string;
  exit: Promise<number | null>;
}

function up(folder: string, ...args: string[]): Up {
  const child = spawn(process.execPath, [shim, 'up', '--data', folder, ...flags(), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // The demo has a host of the platform, as every tenant does, so it starts where hosts need a proof.
    env: { ...process.env, GATEHOUSE_DOMAIN_PROOF: 'required' },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { process: child, output: () => text, exit };
}

async function ready(started: Up): Promise<string> {
  const said = new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (!started.output().includes('Ctrl-C stops everything')) return;
      clearInterval(timer);
      resolve();
    }, 50);
    void started.exit.then(() => clearInterval(timer));
  });
  await Promise.race([said, started.exit]);
  expect(started.output()).toContain('Gatehouse is up.');
  return started.output();
}

async function interrupt(started: Up): Promise<void> {
  started.process.kill('SIGINT');
  expect(await started.exit).toBe(0);
}

/** The commands as they are printed: each stands under a comment and ends with an empty line. */
const printed = (output: string): { about: string; command: string }[] =>
  [...output.matchAll(/^# (.+)\n(curl[\s\S]+?)\n\n/gm)].map(([, about = '', command = '']) => ({ about, command }));

const shell = async (command: string): Promise<string> => (await promisify(execFile)('bash', ['-c', command])).stdout;

/** Processes whose command line or environment names the folder. */
function leftOver(folder: string): string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,stat=,args='], { encoding: 'utf8' });
  const own = ['api/main.node.ts', 'dataplane/main.ts', 'demo/bookinfo/main.ts', folder];
  return stdout.split('\n').filter((line) => {
    const [pid, stat = '', ...args] = line.trim().split(/\s+/);
    if (!pid || stat.startsWith('Z') || !own.some((name) => args.join(' ').includes(name))) return false;
    const environment = environmentOf(pid);
    // The demo's services keep nothing in the folder.
    const isDemo = environment.includes(`BOOKINFO_PORT=${ports['demo-port']}\0`);
    return isDemo || environment.includes(folder) || args.join(' ').includes(folder);
  });
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
}

const pidOf = (folder: string, program: string): number => {
  const line = leftOver(folder).find((entry) => entry.includes(program));
  return Number(line?.trim().split(/\s+/)[0]);
};

async function eventually<T>(read: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await read();
    } catch (error) {
      if (tries === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

describe('gatehouse up, as a newcomer', () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-up-'));
  let started: Up;
  let output = '';
  beforeAll(async () => {
    started = up(folder);
    output = await ready(started);
  });
  afterAll(async () => {
    started.process.kill('SIGINT');
    await started.exit;
    rmSync(folder, { recursive: true });
  });

  const run = (about: RegExp): Promise<string> => {
    const found = printed(output).find((entry) => about.test(entry.about));
    if (!found) throw new Error(`no command about ${about} in\n${output}`);
    return shell(found.command);
  };
  const ask = async (path: string, token: string, method = 'GET', body?: object) => {
    const response = await fetch(`http://127.0.0.1:${ports['api-port']}/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/merge-patch+json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    expect(response.status).toBeLessThan(300);
    return response.json() as Promise<{ revision: number }>;
  };
  const revision = async (): Promise<number> =>
    (await ask('/tenants/demo', readFileSync(join(folder, 'token'), 'utf8').trim())).revision;
  const operator = () => JSON.parse(readFileSync(join(folder, 'secrets.json'), 'utf8')).operatorToken;

  it('prints four commands, one line a step, and no control characters into a pipe', () => {
    expect(printed(output)).toHaveLength(4);
    expect(output).not.toContain('\u001b');
  });

  it('the canary command shows both versions', async () => {
    const counts = await run(/canary/);
    const [, v1] = /(\d+) "version":"v1"/.exec(counts) ?? [];
    const [, v2 = '0'] = /(\d+) "version":"v2"/.exec(counts) ?? [];
    expect(Number(v1) + Number(v2)).toBe(200);
    // Binomial(200, 0.05): beyond these once in a million runs.
    expect(Number(v2)).toBeGreaterThanOrEqual(0);
    expect(Number(v2)).toBeLessThan(32);
  });

  it('the header match command reaches v3', async () => {
    expect(JSON.parse(await run(/one user/))).toMatchObject({
      version: 'v3',
      reviews: [{ rating: { color: 'red' } }, {}],
    });
  });

  it('the rewrite command reaches v1 by its other path', async () => {
    expect(JSON.parse(await run(/rewrite/))).toMatchObject({ version: 'v1', request: { path: '/reviews/1' } });
  });

  it('the PUT is live when it is answered, and may be sent again', async () => {
    for (let times = 0; times < 2; times++) {
      expect(await run(/route of your own/)).toBe('PUT: 200\nLive in milliseconds.\n');
    }
  });

  it('the status command shows that all of it is live', async () => {
    const [, command = ''] = /^ {2}Status +npx gatehouse (.+)$/m.exec(output) ?? [];
    expect(await shell(`${process.execPath} ${shim} ${command} --wait 30`)).toMatch(/^demo: revision \d+ is live\n/);
  });

  it('the product page reads its reviews through the gateway', async () => {
    const [, url = ''] = /^ {2}Demo +(https:\S+)/m.exec(output) ?? [];
    const page = await shell(`curl -s --cacert ${folder}/ca/ca.pem -H 'end-user: jason' ${url}`);
    expect(page).toContain('Reviews served by: reviews v3');
  });

  it('a second start on the same folder fails with a message about the first', async () => {
    const second = up(folder);
    expect(await second.exit).toBe(1);
    expect(second.output()).toContain(`process ${started.process.pid}`);
  });

  it('a busy port is named with the flag that changes it', async () => {
    const other = mkdtempSync(join(tmpdir(), 'gatehouse-busy-'));
    const second = up(other);
    expect(await second.exit).toBe(1);
    for (const flag of [
      `--http ${ports.http + 1}`,
      `--https ${ports.https + 1}`,
      `--api-port ${apiPort + 2}`,
      `--agent-port ${apiPort + 3}`,
      `--demo-port ${ports['demo-port'] + 100}`,
    ]) {
      expect(second.output()).toContain(flag);
    }
    expect(second.output().match(/npx gatehouse up/g)).toHaveLength(1);
    expect(second.output()).toContain(`npx gatehouse up --data ${other} --http`);
    expect(readdirSync(other)).toEqual([]);
    expect(second.output()).not.toContain('    at ');
    rmSync(other, { recursive: true });
  });

  it('the API, Envoy, the agent and the demo are started again when they are killed', async () => {
    for (const program of ['api/main.node.ts', 'envoy.json', 'dataplane/main.ts', 'demo/bookinfo/main.ts']) {
      const killed = pidOf(folder, program);
      process.kill(killed, 'SIGKILL');
      await eventually(async () => {
        expect(started.output()).toMatch(/killed by SIGKILL; starting it again/);
        expect([killed, Number.NaN]).not.toContain(pidOf(folder, program));
        expect(JSON.parse(await run(/one user/))).toMatchObject({ version: 'v3' });
      });
    }
    await eventually(async () => expect(await run(/route of your own/)).toBe('PUT: 200\nLive in milliseconds.\n'));
  });

  it('Ctrl-C leaves no process, and the next start resumes from the same data without a new revision', async () => {
    const before = await revision();
    const web = [
      { number: 443, bind: ports.https, protocol: 'HTTPS' },
      { number: 80, bind: ports.http, protocol: 'HTTP' },
    ];
    const tcp = { number: 5432, bind: movedDemo, protocol: 'POSTGRES' };
    const changed = { ports: [tcp, ...web], denyDestinations: ['10.0.0.0/8'] };
    await ask('/fleets/local', operator(), 'PATCH', changed);
    const servers = [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['one.gatehouse.localhost'] }];
    await ask('/tenants/platform/gateways/public', operator(), 'PATCH', { servers });
    await interrupt(started);
    expect(leftOver(folder)).toEqual([]);
    const token = /Token +(\S+)/.exec(output)?.[1];

    started = up(folder);
    output = await ready(started);
    expect(/Token +(\S+)/.exec(output)?.[1]).toBe(token);
    expect(await revision()).toBe(before);
    expect(await ask('/fleets/local', operator())).toMatchObject(changed);
    // The gateway of the platform serves its domain again.
    expect(JSON.parse(await run(/one user/))).toMatchObject({ version: 'v3' });
    expect(await shell(`curl -s -H 'Host: hello.demo.gatehouse.localhost' http://127.0.0.1:${ports.http}/`)).toBe(
      'Live in milliseconds.\n',
    );
  });

  it('a demo that moved is reached at its new place, and what people wrote stays', async () => {
    await interrupt(started);
    started = up(folder, '--demo-port', String(movedDemo));
    output = await ready(started);
    expect(JSON.parse(await run(/one user/))).toMatchObject({ version: 'v3' });
    expect(await shell(`curl -s -H 'Host: hello.demo.gatehouse.localhost' http://127.0.0.1:${ports.http}/`)).toBe(
      'Live in milliseconds.\n',
    );
  });

  it('killed with -9 it leaves no process either', async () => {
    started.process.kill('SIGKILL');
    await eventually(async () => expect(leftOver(folder)).toEqual([]));
  });
});

it('Ctrl-C while it starts stops what has started', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-early-'));
  const started = up(folder);
  await eventually(async () => expect(started.output()).toContain('Control API'));
  await interrupt(started);
  expect(leftOver(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
});

it('a port held by somebody else is named alone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-port-'));
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(ports.https, '127.0.0.1', resolve));
  const started = up(folder);
  expect(await started.exit).toBe(1);
  holder.close();
  expect(started.output()).toContain(`Port ${ports.https} (HTTPS of Envoy) is in use`);
  expect(started.output()).not.toContain(`Port ${ports.http} `);
  rmSync(folder, { recursive: true });
});
