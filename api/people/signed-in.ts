import type { Context } from '../context.ts';
import type { Person as PersonRow, PersonSession } from '../store/person-sessions.ts';
import { viewOf } from '../view.ts';
import { type BegunSession, cookiesOf } from './people.ts';
import { Person, Session } from './schema.ts';

export const personView = viewOf(Person);
const sessionView = viewOf(Session);

/** @param current the id of the session that the request uses */
export const shownSession = (session: PersonSession, current: string) =>
  sessionView({ ...session, current: session.id === current });

/** Makes the reply to a sign-in. The client gets the secret either as a cookie or in the body. */
export function signedIn(
  ctx: Context,
  { person, begun }: { person: PersonRow; begun: BegunSession },
  credential: 'cookie' | 'bearer' = 'cookie',
) {
  const { session, secret } = begun;
  const body = { person: personView(person), session: shownSession(session, session.id) };
  if (credential === 'bearer') return { status: 200 as const, body: { ...body, token: secret } };
  return { status: 200 as const, cookies: cookiesOf(ctx, begun), body };
}
