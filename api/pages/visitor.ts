import type { Context } from '../context.ts';
import type { SessionHolder } from '../store/person-sessions.ts';

/**
 * Finds the person who opens a page. The request counts against the rate of this person.
 *
 * @returns undefined without a session
 * @throws Problem `too-many-requests`
 */
export async function visitorOf({ services, now }: Context, request: Request): Promise<SessionHolder | undefined> {
  const holder = await services.people.authenticate(request);
  if (holder) services.rate.count(holder.person.id, now);
  return holder;
}
