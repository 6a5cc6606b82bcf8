import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Failure } from '../../cli/process/failure.ts';
import { Supervisor } from '../../cli/process/supervisor.ts';

let folder: string;
let said: string[];
let failed: Promise<Failure>;
let supervisor: Supervisor;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-children-'));
  said = [];
  const { promise, resolve } = Promise.withResolvers<Failure>();
  failed = promise;
  supervisor = new Supervisor((line) => said.push(line), resolve);
});
afterEach(async () => {
  await supervisor.stop();
  rmSync(folder, { recursive: true });
});

const script = (source: string) => ({
  name: 'worker',
  command: process.execPath,
  args: ['-e', source],
  log: join(folder, 'worker.log'),
});
const log = () => readFileSync(join(folder, 'worker.log'), 'utf8');

/** Bounded, so that a broken supervisor fails a test rather than hanging it. */
async function eventually<T>(read: () => T | undefined | false): Promise<T> {
  for (let tries = 0; tries < 800; tries++) {
    try {
      const value = read();
      if (value) return value;
    } catch {
      // not written yet
    }
    await pause(25);
  }
  throw new Error('it did not happen');
}
/** A process that has ended may stay in the table until somebody reaps it, and the test need not wait for that. */
const alive = (pid: number): boolean => {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
};

it('reports a child that ends before it is ready, with its last lines', async () => {
  supervisor.start(script('console.error("the disk is full"); setTimeout(() => process.exit(3), 50)'));
  const failure = await failed;
  expect(failure.message).toContain('worker did not start: exit code 3');
  expect(failure.details).toContain('the disk is full');
});

it('says how a child ended that it starts again', async () => {
  supervisor.start(script('setTimeout(() => process.exit(3), 50)')).ready();
  await eventually(() => said.length > 1);
  expect(said[0]).toContain('worker ended: exit code 3; starting it again');
});

it('reports a program that does not exist', async () => {
  supervisor.start({ ...script(''), command: '/nowhere/envoy' });
  expect((await failed).message).toContain('worker did not start');
});

it('says which variables of its own environment a child does not get', () => {
  supervisor.start({ ...script(''), env: { HOME: '/elsewhere', PATH: process.env.PATH!, NEW: 'x' } });
  expect(said).toEqual(['! HOME of the environment is not used: worker gets another value']);
});

it('does not restart what was never ready', async () => {
  supervisor.start(script('process.exit(1)'));
  expect((await failed).message).toContain('did not start');
});

it('restarts a child that was killed', async () => {
  supervisor.start(script('console.log(process.pid); setInterval(() => {}, 1000)')).ready();
  const first = await eventually(() => Number(log()));
  process.kill(first, 'SIGKILL');
  const second = await eventually(() => Number(log()) !== first && Number(log()));
  expect(alive(second)).toBe(true);
  expect(said.join()).toContain('killed by SIGKILL');
});

it('stops the children of a child, and one that does not listen', async () => {
  const stubborn = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)']);
    console.log(child.pid);
    setInterval(() => {}, 1000)`;
  supervisor.start(script(stubborn)).ready();
  const grandchild = await eventually(() => Number(log()));
  await supervisor.stop();
  await eventually(() => !alive(grandchild));
});

it('a supervisor killed with -9 leaves no child behind', async () => {
  const parent = spawn(process.execPath, [
    '--input-type=module-typescript',
    '-e',
    `import { Supervisor } from ${JSON.stringify(new URL('../../cli/process/supervisor.ts', import.meta.url).href)};
     new Supervisor(() => {}, () => {}).start(${JSON.stringify(script('console.log(process.pid); setInterval(() => {}, 1000)'))});`,
  ]);
  const child = await eventually(() => Number(log()));
  parent.kill('SIGKILL');
  await eventually(() => !alive(child));
});

it('a supervisor killed with -9 while it starts a child leaves no child behind', async () => {
  const made = join(folder, 'made');
  const program = script(`require('node:fs').writeFileSync(${JSON.stringify(made)}, '')`);
  const { stdout } = spawnSync(process.execPath, [
    '--input-type=module-typescript',
    '-e',
    `import { writeSync } from 'node:fs';
     import { Child } from ${JSON.stringify(new URL('../../cli/process/child.ts', import.meta.url).href)};
     const add = (group) => { writeSync(1, String(group)); process.kill(process.pid, 'SIGKILL'); };
     new Child(${JSON.stringify(program)}, { add });`,
  ]);
  const child = Number(stdout);
  expect(child).toBeGreaterThan(0);
  await eventually(() => !alive(child));
  expect(existsSync(made)).toBe(false);
});

it('starts nothing once it was stopped', async () => {
  await supervisor.stop();
  expect(() => supervisor.start(script('setInterval(() => {}, 1000)'))).toThrow('interrupted');
  expect(existsSync(join(folder, 'worker.log'))).toBe(false);
});
