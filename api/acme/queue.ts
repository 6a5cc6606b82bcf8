/**
 * The queues of names that wait because a limit of orders is reached. Each group of names has one. A name in a queue is
 * not due, so it costs nothing, however many wait. The orders that count say how many names may leave: nothing else
 * remembers that a limit was reached, so no name is forgotten when a process ends, or when the limits change.
 */
import type { Services } from '../context.ts';
import type { OrderGroup } from './order-limits.ts';
import { OrderRoom } from './order-room.ts';

const ON_PLATFORM = 'platform';

/** The queue in which the names of a group wait. @example queueOf(group) // 'acme example.com' */
export const queueOf = ({ tenant, domain, isOnPlatform }: OrderGroup): string =>
  [tenant, domain, ...(isOnPlatform ? [ON_PLATFORM] : [])].join(' ');

/** Returns the group whose names wait in a queue. */
export function groupIn(queue: string): OrderGroup {
  const [tenant = '', domain = '', place] = queue.split(' ');
  return { tenant, domain, isOnPlatform: place === ON_PLATFORM };
}

/**
 * Makes as many names due as may be ordered.
 *
 * @param most the largest number of them
 */
export async function wakeQueues(services: Services, now: number, most: number): Promise<void> {
  const { automatic } = services.store;
  const queues = await automatic.queues();
  if (queues.length === 0) return;
  const room = await OrderRoom.read(services, now);
  let left = most;
  for (const queue of queues) {
    const group = groupIn(queue);
    const free = Math.min(room.of(group), left);
    if (free === 0) continue;
    const woken = await automatic.leaveQueue(queue, free);
    room.take(group, woken);
    left -= woken;
  }
}
