import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Credential } from '../../dataplane/feed/credential.ts';
import { type Identity, readIdentity, textOf, writeIdentity } from '../../dataplane/feed/identity.ts';
import { createLog } from '../../dataplane/log.ts';

interface Asked {
  generation: number;
  nonce: string;
  issuedAt: string;
}

let folder: string;
let server: Server;
let asked: Asked[];
/** Answers a request: the status, the body, and how far the clock of the API is ahead; undefined closes the connection. */
let answer: (request: Asked) => { status: number; body?: object; ahead?: number } | undefined;
let credential: Credential | undefined;

const renewed = ({ generation }: Asked, life = 3_600_000) => ({
  status: 200,
  body: {
    credential: `credential ${generation + 1}`,
    generation: generation + 1,
    expiresAt: new Date(Date.now() + life).toISOString(),
  },
});

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'credential-'));
  asked = [];
  server = createServer(async (request, response) => {
    const body = JSON.parse((await request.toArray()).join('')) as Asked;
    asked.push(body);
    const given = answer(body);
    if (!given) return request.socket.destroy();
    const date = new Date(Date.now() + (given.ahead ?? 0)).toUTCString();
    response.writeHead(given.status, { date }).end(JSON.stringify(given.body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const privateKey = textOf(generateKeyPairSync('ed25519').privateKey);
  writeIdentity(folder, { api: 'unused', id: 'a', fleet: 'edge', privateKey, generation: 0 });
});
afterEach(() => {
  credential?.close();
  server.close();
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

/** Starts the agent on what is on its disk. */
function start(): Credential {
  credential?.close();
  credential = new Credential({
    ...{ identity: readIdentity(folder) as Identity, folder, version: '1', changed: () => {} },
    api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    log: createLog('silent', 'test'),
  });
  credential.start();
  return credential;
}
const token = (expected: string) => expect.poll(() => credential?.token, { timeout: 10_000 }).toBe(expected);

it('numbers its renewals, each with another nonce', async () => {
  answer = (request) => renewed(request, 100);
  start();
  await expect.poll(() => asked.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(3);
  expect(asked.slice(0, 3).map(({ generation }) => generation)).toEqual([0, 1, 2]);
  expect(new Set(asked.slice(0, 3).map(({ nonce }) => nonce)).size).toBe(3);
});

it('repeats a request without an answer, also after a restart, with the same nonce', async () => {
  answer = () => undefined;
  start();
  await expect.poll(() => asked.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
  answer = renewed;
  start();
  await token('credential 1');
  expect(new Set(asked.map(({ generation, nonce }) => `${generation} ${nonce}`)).size).toBe(1);
  // The agent signs each request again: the API rejects a copy.
  const times = asked.map(({ issuedAt }) => Date.parse(issuedAt));
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
});

it('repeats its last request after a restart, and renews when the API rejects that', async () => {
  answer = renewed;
  start();
  await token('credential 1');
  start();
  await token('credential 1');
  credential!.rejected();
  await token('credential 2');
  expect(asked.map(({ generation }) => generation)).toEqual([0, 0, 1]);
});

it('sends no request that it could not write to its disk', async () => {
  answer = renewed;
  start();
  await token('credential 1');
  // The draft of the file cannot be written. (A folder without write permission does not stop root.)
  rmSync(join(folder, 'identity.json'));
  writeFileSync(join(folder, 'identity.json'), '{}');
  const { mkdirSync } = await import('node:fs');
  mkdirSync(join(folder, 'identity.json.draft'));
  credential!.rejected();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(asked).toHaveLength(1);
  rmSync(join(folder, 'identity.json.draft'), { recursive: true });
  await token('credential 2');
});

it('corrects its time when its clock differs from that of the API', async () => {
  const ahead = 3_600_000;
  answer = (request) =>
    Date.parse(request.issuedAt) < Date.now() + ahead - 60_000
      ? { status: 422, ahead }
      : { ...renewed(request), ahead };
  start();
  await token('credential 1');
  expect(asked).toHaveLength(2);
});

it('renews with a repetition after its clock was corrected backwards', async () => {
  let last = 0;
  answer = (request) => {
    const at = Date.parse(request.issuedAt);
    if (at <= last) return { status: 422, body: { detail: 'issuedAt must be later' } };
    // The answer to the first request is lost. Its time is one that the clock has not reached yet.
    if (last === 0) {
      last = at + 500;
      return undefined;
    }
    return renewed(request);
  };
  start();
  await token('credential 1');
  expect(asked.length).toBeGreaterThan(2);
  expect(credential!.stopped).toBeUndefined();
});

it('keeps asking an API that is unavailable, and one that stopped it', async () => {
  let status = 503;
  answer = (request) => (status === 200 ? renewed(request) : { status, body: { detail: 'the reason' } });
  start();
  await expect.poll(() => asked.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
  status = 403;
  await expect
    .poll(() => credential?.stopped, { timeout: 10_000 })
    .toBe('the API does not renew the credential of this agent: the reason');
  status = 200;
  await token('credential 1');
  expect(credential?.stopped).toBeUndefined();
});
