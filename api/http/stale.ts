import { isOfFleets } from '../access/matrix.ts';
import type { Services } from '../context.ts';
import type { Reply } from '../reply.ts';
import { Unavailable } from '../store/driver.ts';
import { prefersStale } from './prefer.ts';
import type { Contract } from './route.ts';

/**
 * Runs a read with `Prefer: stale-ok` on the read replica of the database, if one is configured. Its data may be
 * slightly outdated. If the replica does not respond, the read runs on the primary. Agents never read from the replica,
 * because their cursors come from the primary.
 */
export async function whereAsked(
  services: Services,
  { method, access }: Contract,
  prefer: string | null,
  run: (services: Services) => Promise<Reply>,
): Promise<Reply> {
  const { replica } = services;
  if (!replica || method !== 'get' || isOfFleets(access) || !prefersStale(prefer)) return run(services);
  let reply: Reply;
  try {
    reply = await run(replica);
  } catch (error) {
    if (error instanceof Unavailable) return run(services);
    throw error;
  }
  return { ...reply, headers: { ...reply.headers, 'preference-applied': 'stale-ok' } };
}
