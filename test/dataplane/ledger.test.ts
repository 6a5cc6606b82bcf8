import { expect, it } from 'vitest';
import { type Entry, Ledger } from '../../dataplane/serve/sending/ledger.ts';

function opened() {
  const ledger = new Ledger(() => {});
  const finish = (entry: Entry) => {
    ledger.acked(entry);
    ledger.live(entry);
  };
  return { ledger, open: (seq: number) => ledger.open(seq, 'acme', seq), finish };
}

it('a cursor passes an event only when all earlier events have finished', () => {
  const { ledger, open, finish } = opened();
  const [first, second] = [open(1), open(2)];
  finish(second);
  expect([ledger.ackedCursor, ledger.liveCursor]).toEqual([0, 0]);
  ledger.acked(first);
  expect([ledger.ackedCursor, ledger.liveCursor]).toEqual([2, 0]);
  ledger.live(first);
  expect([ledger.ackedCursor, ledger.liveCursor]).toEqual([2, 2]);
});

it('ten thousand finished events that wait for a slow event are merged into one', () => {
  const { ledger, open, finish } = opened();
  const slow = open(1);
  for (let seq = 2; seq <= 10_000; seq++) finish(open(seq));
  const last = open(10_001);
  expect(ledger.pending).toBeLessThan(5);
  finish(slow);
  expect(ledger.liveCursor).toBe(10_000);
  finish(last);
  expect([ledger.ackedCursor, ledger.liveCursor, ledger.pending]).toEqual([10_001, 10_001, 0]);
});

it('the acked cursor stays correct while older events are merged', () => {
  const { ledger, open, finish } = opened();
  const seen = open(1);
  ledger.acked(seen);
  for (const seq of [2, 3, 4]) finish(open(seq));
  const last = open(5);
  expect([ledger.ackedCursor, ledger.liveCursor]).toEqual([4, 0]);
  ledger.acked(last);
  expect(ledger.ackedCursor).toBe(5);
  ledger.live(seen);
  expect(ledger.liveCursor).toBe(4);
});

it('the tenants of unfinished events are behind, and an event of no tenant hides what is live', () => {
  const news: string[] = [];
  const ledger = new Ledger((cursor) => news.push(cursor));
  const finish = (entry: Entry) => {
    ledger.acked(entry);
    ledger.live(entry);
  };
  const slow = ledger.open(1, 'slow', 1);
  // Another tenant gets a change because of an event of `owner`, which has overtaken others.
  const following = ledger.open(1, 'attached', 1, undefined, { tenant: 'owner', live: 6 });
  const quick = ledger.open(2, 'quick', 1);
  expect(ledger.behind).toEqual([
    { tenant: 'slow', live: 0 },
    { tenant: 'owner', live: 6 },
    { tenant: 'quick', live: 1 },
  ]);
  finish(quick);
  finish(following);
  expect(ledger.behind).toEqual([{ tenant: 'slow', live: 0 }]);
  expect(news).toEqual(['live', 'live']);
  const fleet = ledger.open(3, '', 0);
  expect(ledger.behind).toBeUndefined();
  finish(fleet);
  finish(slow);
  expect([ledger.behind, ledger.liveCursor]).toEqual([[], 3]);
});

it('the cursors go back with the feed, and advance from there', () => {
  const { ledger, open, finish } = opened();
  finish(open(9));
  const pending = open(10);
  ledger.rewind(4);
  expect(ledger.behind).toEqual([{ tenant: 'acme', live: 4 }]);
  expect([ledger.ackedCursor, ledger.liveCursor]).toEqual([4, 4]);
  finish(pending);
  expect([ledger.ackedCursor, ledger.liveCursor]).toEqual([4, 4]);
  const next = open(5);
  expect(ledger.liveCursor).toBe(4);
  finish(next);
  expect([ledger.ackedCursor, ledger.liveCursor]).toEqual([5, 5]);
});
