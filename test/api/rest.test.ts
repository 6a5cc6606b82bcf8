import { expect, test } from 'vitest';
import { restInTurn } from '../../api/rest.node.ts';

/** What continued in each turn of the event loop. */
async function turns(work: readonly Promise<void>[]): Promise<string[][]> {
  const seen: string[][] = [];
  const over = Promise.all(work).then(() => true);
  for (let ended = false; !ended; ) {
    seen.push(log.splice(0));
    ended = await Promise.race([over, new Promise<false>((resolve) => setTimeout(resolve, 1, false))]);
  }
  return [...seen, log.splice(0)];
}
const log: string[] = [];
async function rests(name: string, times: number): Promise<void> {
  for (let time = 1; time <= times; time++) {
    await restInTurn(time);
    log.push(name);
  }
}

test('of many that rest, one continues in a turn', async () => {
  const seen = await turns(Array.from({ length: 20 }, (_, index) => rests(`w${index}`, 3)));
  expect(seen.flat()).toHaveLength(60);
  expect(Math.max(...seen.map(({ length }) => length))).toBeLessThanOrEqual(2);
});

test('the work with the fewest pauses continues first', async () => {
  const old = Array.from({ length: 5 }, (_, index) => restInTurn(40).then(() => void log.push(`old${index}`)));
  const young = restInTurn(1).then(() => void log.push('young'));
  await Promise.all([...old, young]);
  expect(log.splice(0)).toEqual(['young', 'old0', 'old1', 'old2', 'old3', 'old4']);
});
