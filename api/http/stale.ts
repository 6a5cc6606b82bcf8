import type { Services } from '../context.ts';
import type { Reply } from '../reply.ts';
import { Unavailable } from '../store/driver.ts';
import { prefersStale } from './prefer.ts';
import type { Contract } from './route.ts';

/**
 * Runs a read that says `Prefer: stale-ok` on the replica, when there is one. What it has may be a moment old; a replica that is away is no
 * failure. Agents are never answered from it: their cursors are the primary's.
 */
export async function whereAsked(
  services: Services,
  { method, access }: Contract,
  prefer: string | null,
  run: (services: Services) => Promise<Reply>,
): Promise<Reply> {
  const { replica } = services;
  if (!replica || method !== 'get' || access.startsWith('fleet:') || !prefersStale(prefer)) return run(services);
  let reply: Reply;
  try {
    reply = await run(replica);
  } catch (error) {
    if (error instanceof Unavailable) return run(services);
    throw error;
  }
  return { ...reply, headers: { ...reply.headers, 'preference-applied': 'stale-ok' } };
}
