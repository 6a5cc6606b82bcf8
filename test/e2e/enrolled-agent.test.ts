import { execFile } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Process, until } from './process.ts';
import { Stack } from './stack.ts';
import { http } from './unix.ts';

const run = promisify(execFile);
const shim = join(import.meta.dirname, '../../cli/gatehouse.mjs');

let stack: Stack;
beforeAll(async () => {
  // The agent of the stack has a token, as agents had before they could enrol.
  stack = await Stack.start({ envoy: false, apiEnv: { GATEHOUSE_AGENT_CREDENTIAL: '1000' } });
});
afterAll(() => stack?.stop());

/** Runs `gatehouse agent enroll` with a new token. */
async function enrol(name: string): Promise<string> {
  const { body } = await stack.call(`/fleets/${stack.fleet}/enrolments`, { method: 'POST', body: {} });
  const data = join(stack.folder, name);
  const env = { PATH: process.env.PATH, GATEHOUSE_ENROLMENT_TOKEN: body.token };
  const args = [shim, 'agent', 'enroll', '--api', stack.apiUrl, '--data', data, '--name', name, '--json'];
  const { stdout } = await run(process.execPath, args, { env });
  return JSON.parse(stdout).id;
}

/** The agent on a data folder. It needs no token, fleet or URL. */
const agentOn = (name: string) =>
  new Process('dataplane/main.ts', {
    GATEHOUSE_DATA: join(stack.folder, name),
    GATEHOUSE_XDS: `unix:${join(stack.folder, `${name}.xds`)}`,
    GATEHOUSE_HEALTH: `unix:${join(stack.folder, `${name}.health`)}`,
  });
const answers = async (name: string, path: string) => http(join(stack.folder, `${name}.health`), path);
const follows = async (name: string) => JSON.parse((await answers(name, '/state')).body).feed === 'connected';
const inList = async (id: string) => {
  const { body } = await stack.call(`/fleets/${stack.fleet}/agents`);
  return body.items.find((agent: { id: string }) => agent.id === id);
};
/** Waits until the agent has renewed its credential this many times more. */
async function renewals(id: string, count: number): Promise<void> {
  const { generation } = await inList(id);
  await until('renewals', async () => (await inList(id)).generation >= generation + count);
}

/** The TCP sockets of a process that accept connections, by inode. */
function listening(pid: number): string[] {
  const inodes = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
    } catch {
      return [];
    }
  });
  const rows = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/net/${table}`, 'utf8').trim().split('\n').slice(1),
  );
  const LISTEN = '0A';
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode = '']) => state === LISTEN && inodes.includes(inode))
    .map(([, local = '']) => local);
}

it('enrols, follows the feed, renews its credential, and goes on after kill -9 and after an outage of the API', async () => {
  const id = await enrol('m1');
  expect(statSync(join(stack.folder, 'm1', 'identity.json')).mode & 0o777).toBe(0o600);
  const agent = agentOn('m1');
  try {
    agent.start();
    await until('the feed', () => follows('m1'));
    expect((await answers('m1', '/readyz')).status).toBe(200);
    // It calls the API, and nobody can call it: xDS and health are unix sockets here.
    expect(listening(agent.pid)).toEqual([]);
    await renewals(id, 2);
    await agent.stop('SIGKILL');
    agent.start();
    await until('the feed', () => follows('m1'));
    await stack.api.stop('SIGKILL');
    await until('an outage', async () => !(await follows('m1')));
    // Longer than the credential is valid.
    await new Promise((resolve) => setTimeout(resolve, 1200));
    await stack.startApi();
    await until('the feed', () => follows('m1'));
    await renewals(id, 1);
    expect(await inList(id)).not.toHaveProperty('stoppedAt');
    expect(agent.output).not.toMatch(/gh_credential_|gh_enrolment_/);
  } finally {
    await agent.stop();
  }
});

it('is stopped with its copy when its disk is copied, keeps serving, and enrols again', async () => {
  const id = await enrol('m2');
  const [agent, copy] = [agentOn('m2'), agentOn('m3')];
  try {
    agent.start();
    await until('the feed', () => follows('m2'));
    cpSync(join(stack.folder, 'm2'), join(stack.folder, 'm3'), { recursive: true });
    copy.start();
    await until('both are stopped', async () => (await inList(id)).stopReason === 'copied');
    await until('neither follows', async () => !(await follows('m2')) && !(await follows('m3')));
    await until('both say why', () => [agent, copy].every(({ output }) => output.includes('two holders have the key')));
    expect((await answers('m2', '/readyz')).status).toBe(200);
    await agent.stop();
    rmSync(join(stack.folder, 'm2'), { recursive: true });
    const again = await enrol('m2');
    agent.start();
    await until('the feed', () => follows('m2'));
    expect(await inList(again)).not.toHaveProperty('stoppedAt');
  } finally {
    await Promise.all([agent.stop(), copy.stop()]);
  }
});
