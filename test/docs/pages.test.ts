import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findEnvoy } from '../../dataplane/envoy/find.ts';
import { Process, until } from '../e2e/process.ts';
import { freePort } from '../e2e/stack.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const OPERATOR = 'gh_operator_of_the_pages';
const folder = mkdtempSync(join(tmpdir(), 'gh-docs-'));
/** The ports that the pages name, and where this test has them. */
const moved = new Map<string, number>();
let api: Process;

beforeAll(async () => {
  for (const port of ['8480', '8491', '8080', '15001', '8553']) moved.set(port, await freePort());
  // The folder is laid out as a checkout in which `npm start` ran, with Envoy on the PATH.
  mkdirSync(join(folder, '.gatehouse'));
  writeFileSync(
    join(folder, '.gatehouse/secrets.json'),
    `${JSON.stringify({ operatorToken: OPERATOR, agentToken: 'x' }, null, 2)}\n`,
  );
  symlinkSync(join(ROOT, 'cli'), join(folder, 'cli'));
  mkdirSync(join(folder, 'bin'));
  symlinkSync(await findEnvoy(), join(folder, 'bin/envoy'));
  symlinkSync(process.execPath, join(folder, 'bin/node'));
  api = new Process('api/main.node.ts', {
    GATEHOUSE_STORE: `sqlite:${join(folder, 'api.sqlite')}`,
    GATEHOUSE_LISTEN: `127.0.0.1:${moved.get('8480')}`,
    GATEHOUSE_OPERATOR_TOKEN: OPERATOR,
    GATEHOUSE_DELETION_GRACE_DAYS: '30',
    GATEHOUSE_MAIL: `file:${join(folder, '.gatehouse/mail')}`,
    GATEHOUSE_MAIL_INTERVAL: '50',
    GATEHOUSE_DNS_ROOTS: `127.0.0.1:${moved.get('8553')}`,
  });
  api.start();
  await until('the API', async () => (await fetch(`http://127.0.0.1:${moved.get('8480')}/readyz`)).ok);
});
afterAll(async () => {
  await api?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  ['docs/operate/run-a-fleet.md', 9],
  ['docs/operate/fleets.md', 3],
  ['docs/operate/enrol-agents.md', 8],
  ['docs/operate/plans.md', 4],
  ['docs/operate/audit.md', 9],
  ['docs/tasks/members.md', 12],
  ['docs/tasks/explain.md', 8],
  ['docs/tasks/matching.md', 7],
  ['docs/tasks/shared-gateways.md', 8],
  ['docs/tasks/service-mesh.md', 6],
  ['docs/tasks/delegation.md', 9],
  ['docs/tasks/upstreams.md', 12],
  ['docs/tasks/writes.md', 11],
  ['docs/tasks/history.md', 12],
  ['docs/tasks/domains.md', 4],
])('every command of %s works in its order, and shows what it says', async (page, results) => {
  const text = readFileSync(join(ROOT, page), 'utf8');
  if (text.includes('dnsmasq --') && spawnSync('dnsmasq', ['--version']).error) return;
  let script = [...text.matchAll(/^```sh\n([\s\S]+?)^```/gm)].map(([, block = '']) => block).join('');
  for (const [written, here] of moved) script = script.replaceAll(new RegExp(`\\b${written}\\b`, 'g'), String(here));
  const bash = spawn('bash', ['--norc', '-eu', '-c', `trap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n${script}`], {
    cwd: folder,
    env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}`, TMPDIR: folder },
  });
  let said = '';
  let complaints = '';
  bash.stdout.setEncoding('utf8').on('data', (more: string) => (said += more));
  bash.stderr.setEncoding('utf8').on('data', (more: string) => (complaints += more));
  const status = await new Promise((resolve) => bash.once('close', resolve));
  // A machine that lets a process open few files makes `agent bootstrap` say so.
  complaints = complaints.replace(/^gatehouse: a process may open too few files .*\n/gm, '');
  expect({ status, complaints, said }).toMatchObject({ status: 0, complaints: '' });

  const promised = [...text.matchAll(/^ *# → (.+)$/gm)].map(([, words = '']) => words);
  expect(promised).toHaveLength(results);
  let rest = said;
  for (const words of promised) {
    expect(rest).toContain(words);
    rest = rest.slice(rest.indexOf(words) + words.length);
  }
});
