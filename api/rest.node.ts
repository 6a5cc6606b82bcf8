/**
 * Work that rests, by how often it has rested: the work that has rested least continues first. One continues in each
 * turn of the event loop, so that other requests wait no longer for many than for one.
 */
const resting: (() => void)[][] = Array.from({ length: 16 }, () => []);
let count = 0;

/** @param times how often the work has rested, including this time */
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
