import type { Context } from '../context.ts';
import { type Html, html } from '../html/html.ts';
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

/** Says who is signed in already, on the pages with which others sign in. */
export async function alreadySignedIn(ctx: Context, request: Request): Promise<Html> {
  const holder = await visitorOf(ctx, request);
  return holder
    ? html`<p>You are signed in as <strong>${holder.person.email}</strong>. <a href="/account">Your account</a></p>`
    : html``;
}
