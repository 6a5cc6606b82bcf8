import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Reporter } from '../../dataplane/status/reporter.ts';
import { type NodeStatus, REPORT_HEADER, type StatusReport } from '../../wire/feed.ts';

const received: { path: string; token: string | undefined; report: StatusReport }[] = [];
let answer: (response: ServerResponse) => void;
let connections = 0;
let server: Server;
let reporter: Reporter;
let live = 0;
let ahead: NodeStatus['ahead'];

beforeEach(async () => {
  received.length = 0;
  ahead = undefined;
  connections = 0;
  answer = (response) => response.writeHead(204).end();
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    received.push({ path: request.url!, token: request.headers.authorization, report: JSON.parse(body) });
    answer(response);
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  reporter = new Reporter({
    api: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: () => 'secret',
    fleet: 'edge',
    agent: 'a',
    nodes: () => [{ node: 'n', version: 'envoy/1', connected: true, acked: live, live, ahead, rejections: [] }],
    log: pino({ level: 'silent' }),
  });
});
afterEach(async () => {
  await reporter.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const told = () => received.map(({ report }) => report.nodes[0]!.live);

it('a report contains the state when it is sent, the fleet and the name of the agent', async () => {
  live = 1;
  reporter.changed();
  live = 2;
  reporter.changed();
  await vi.waitFor(() => expect(received).toHaveLength(1), 10_000);
  expect(received[0]).toMatchObject({
    path: '/v1/fleets/edge/status',
    token: 'Bearer secret',
    report: { agent: 'a' },
  });
  expect(told()).toEqual([2]);
});

it('an acked change is reported together with live if that follows immediately, otherwise alone', async () => {
  live = 1;
  reporter.changedInPart();
  live = 2;
  reporter.changed();
  await vi.waitFor(() => expect(told()).toEqual([2]), 10_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(told()).toEqual([2]);
  live = 3;
  reporter.changedInPart();
  await vi.waitFor(() => expect(told()).toEqual([2, 3]), 10_000);
});

it('the reporter has one request under way, on one connection, and then reports the changes since', async () => {
  const held: ServerResponse[] = [];
  answer = (response) => held.push(response);
  live = 1;
  reporter.changed();
  await vi.waitFor(() => expect(held).toHaveLength(1), 10_000);
  for (live = 2; live < 5; live++) reporter.changed();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(told()).toEqual([1]);
  answer = (response) => response.writeHead(204).end();
  held[0]!.writeHead(204).end();
  await vi.waitFor(() => expect(told()).toEqual([1, 5]), 10_000);
  expect(connections).toBe(1);
});

it.each([
  { how: 'refuses', fail: (response: ServerResponse) => response.writeHead(503).end('busy') },
  { how: 'breaks off', fail: (response: ServerResponse) => response.destroy() },
])('tells it again to an API that $how', async ({ fail }) => {
  answer = (response) => {
    answer = (next) => next.writeHead(204).end();
    live = 8;
    fail(response);
  };
  live = 7;
  reporter.changed();
  await vi.waitFor(() => expect(told()).toEqual([7, 8]), 10_000);
});

it('tells what is ahead only to an API that says that it accepts this', async () => {
  ahead = { live: 9, behind: [{ tenant: 'slow', live: 3 }] };
  const newer = (response: ServerResponse) => response.writeHead(204, { [REPORT_HEADER]: 'ahead' }).end();
  const older = (response: ServerResponse) => response.writeHead(422).end();
  const answers = [newer, newer, older];
  answer = (response) => (answers.shift() ?? newer)(response);
  for (let count = 0; count < 4; count = received.length) {
    reporter.changed();
    await vi.waitFor(() => expect(received.length).toBeGreaterThan(count), 10_000);
  }
  const sent = received.map(({ report }) => report.nodes[0]!.ahead);
  expect(sent.slice(0, 4)).toEqual([undefined, ahead, ahead, undefined]);
});

it('the reporter sends a last report when it closes', async () => {
  live = 9;
  await reporter.close();
  expect(told()).toEqual([9]);
});
