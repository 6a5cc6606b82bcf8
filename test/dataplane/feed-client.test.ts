import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FeedClient } from '../../dataplane/feed/client.ts';

let server: Server;
let client: FeedClient;
let answer: (response: ServerResponse) => void;
let isServing: boolean;
/** Why the API renews no credential; undefined for an agent with a token. */
let stopped: string | undefined;
const asked: string[] = [];
const logged: { level: number; msg: string }[] = [];
const connected: boolean[] = [];

beforeEach(async () => {
  for (const list of [asked, logged, connected]) list.length = 0;
  isServing = true;
  stopped = undefined;
  server = createServer((request, response) => {
    asked.push(request.url!);
    answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const log = pino(
    { level: 'info' },
    new Writable({
      write(chunk, _encoding, done) {
        logged.push(JSON.parse(String(chunk)));
        done();
      },
    }),
  );
  client = new FeedClient({
    api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: () => 'secret',
    fleet: 'edge',
    cursor: () => 7,
    isServing: () => isServing,
    onStart: () => {},
    onEvents: () => {},
    get onRejected() {
      return stopped === undefined ? undefined : () => stopped;
    },
    onConnected: (is) => connected.push(is),
    log,
  });
});
afterEach(async () => {
  client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const errors = () => logged.filter(({ level }) => level >= 50).map(({ msg }) => msg);

it.each([401, 403, 404])(
  'logs a response of %i once, retries at its cursor, and follows the feed once the API accepts it',
  async (status) => {
    answer = (response) => response.writeHead(status).end('{}');
    client.start();
    await vi.waitFor(() => expect(asked.length).toBeGreaterThan(3), 10_000);
    expect(errors()).toEqual([expect.stringContaining('the API rejects this agent')]);
    expect(client.rejection).toMatch(/^the API rejects this agent: .+[^.]$/);
    expect(logged.filter(({ level }) => level === 40)).toEqual([]);
    answer = (response) => response.writeHead(200).write('\n');
    await vi.waitFor(() => expect(connected).toEqual([true]), 10_000);
    expect(client.rejection).toBeUndefined();
    expect(new Set(asked)).toEqual(new Set(['/v1/fleets/edge/feed?after=7']));
  },
);

it('logs no response of 401 when the API has stopped the agent, whose credential is reported already', async () => {
  stopped = 'the agent was revoked';
  answer = (response) => response.writeHead(401).end('{}');
  client.start();
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(3), 10_000);
  expect([logged, client.rejection]).toEqual([[], stopped]);
});

describe.each([
  { isServing: true, expected: 'The agent continues to serve its configuration' },
  { isServing: false, expected: 'The agent has no complete configuration to serve yet' },
])('with a complete configuration: $isServing', ({ isServing: is, expected }) => {
  it.each([
    { status: 401, level: 50 },
    { status: 503, level: 40 },
  ])('the log line about a response of $status says what the agent serves', async ({ status, level }) => {
    isServing = is;
    answer = (response) => response.writeHead(status).end('{}');
    client.start();
    await vi.waitFor(() => expect(logged).not.toEqual([]), 10_000);
    expect(logged[0]).toMatchObject({ level, msg: expect.stringContaining(expected) });
  });
});

it('reports the feed as disconnected when it breaks off and the API then rejects the agent', async () => {
  answer = (response) => {
    response.writeHead(200).write('\n');
    answer = (next) => next.writeHead(401).end('{}');
    setTimeout(() => response.destroy(), 20);
  };
  client.start();
  await vi.waitFor(() => expect(errors()).toHaveLength(1), 10_000);
  expect(connected).toEqual([true, false]);
});
