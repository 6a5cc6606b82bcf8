/**
 * The paused work, by the number of its pauses so far. Work with fewer pauses continues first. In each turn of the
 * event loop, only one piece of work continues, so that other requests do not wait longer when many are paused.
 */
const resting: (() => void)[][] = Array.from({ length: 16 }, () => []);
let count = 0;

/**
 * Pauses work until it is its turn to continue.
 *
 * @param times the number of pauses of this work so far, including this one
 */
export function restInTurn(times: number): Promise<void> {
  const level = resting[Math.min(resting.length - 1, 31 - Math.clz32(times))]!;
  return new Promise((resolve) => {
    level.push(resolve);
    if (++count === 1) setTimeout(wake, 0);
  });
}

function wake(): void {
  resting.find(({ length }) => length > 0)!.shift()!();
  if (--count > 0) setTimeout(wake, 0);
}
