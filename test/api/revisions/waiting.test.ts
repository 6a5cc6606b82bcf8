/** Requests that wait share what they read, however many they are and however often agents report. */
import { expect, test } from 'vitest';
import { StatusBoard } from '../../../api/status/board.ts';
import { FleetSummaries } from '../../../api/status/fleet-summaries.ts';

const silent = { notify: () => {}, listen: () => {} };
const none = { connected: 1, acked: 0, live: 0, reached: 0, refusing: 0, latest: 0 };

function summaries(board: StatusBoard, took = 0) {
  let reads = 0;
  const together = async () => {
    reads++;
    await new Promise((resolve) => setTimeout(resolve, took));
    return { ...none, latest: reads };
  };
  const parts = { store: { nodes: { together } }, settings: { nodeTimeout: 1000 }, clock: () => 5000, board };
  const all = new FleetSummaries(parts as unknown as ConstructorParameters<typeof FleetSummaries>[0], true);
  return { of: (fleet: string) => all.of(fleet), reads: () => reads };
}

test('a report wakes only the requests that wait for its fleet', async () => {
  const board = new StatusBoard(silent);
  const woken: string[] = [];
  const wait = async (name: string, fleets?: string[]) => {
    await board.subscribe(fleets && new Set(fleets)).within(50);
    woken.push(name);
  };
  const all = [wait('a', ['a']), wait('b', ['b']), wait('any')];
  board.reported('b');
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve, 1));
  expect(woken).toEqual(['b', 'any']);
  await Promise.all(all);
});

test('requests that look at the same time share one summary of the fleet', async () => {
  const board = new StatusBoard(silent);
  const { of, reads } = summaries(board);
  const lookAll = () => Promise.all(Array.from({ length: 40 }, () => of('a')));
  await lookAll();
  await lookAll();
  expect(reads()).toBe(1);
  board.reported('b');
  await of('a');
  expect(reads()).toBe(1);
  board.reported('a');
  const [first] = await lookAll();
  expect([reads(), first?.latest]).toEqual([2, 2]);
});

test('many reports of a fleet whose summary takes long cause few summaries', async () => {
  const board = new StatusBoard(silent);
  const { of, reads } = summaries(board, 10);
  const until = performance.now() + 200;
  while (performance.now() < until) {
    board.reported('a');
    await of('a');
  }
  expect(reads()).toBeLessThan(8);
});
