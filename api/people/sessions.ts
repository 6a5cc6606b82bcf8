import type { Context } from '../context.ts';
import { absent } from '../problem.ts';
import type { PersonSession, SessionHolder } from '../store/person-sessions.ts';

/** Lists the sessions of a person, the latest first. */
export const listSessions = (ctx: Context, { person }: SessionHolder): Promise<PersonSession[]> =>
  ctx.store.personSessions.list(person.id, ctx.now);

/**
 * Ends one session of a person, and forgets its browser. It is not accepted any more, by any process.
 *
 * @throws Problem `not-found` when the person has no such session
 */
export async function endSession(ctx: Context, { person }: SessionHolder, id: string): Promise<void> {
  const audit = { ...ctx.audit('revoke', `people/${person.id}/sessions/${id}`), actor: `person:${person.id}` };
  const isEnded = await ctx.store.personSessions.revoke(person.id, id, ctx.now, audit);
  ctx.services.people.forget(person.id);
  if (!isEnded) throw absent(`session ${id}`);
}

/** Ends the session that the request uses. Its browser stays known, so strangers cannot delay the next sign-in there. */
export async function signOut(ctx: Context, { person, session }: SessionHolder): Promise<void> {
  const audit = { ...ctx.audit('revoke', `people/${person.id}/sessions/${session.id}`), actor: `person:${person.id}` };
  const isEnded = await ctx.store.personSessions.signOut(person.id, session.id, ctx.now, audit);
  ctx.services.people.forget(person.id);
  if (!isEnded) throw absent(`session ${session.id}`);
}

/** Ends all sessions of a person except for the one that the request uses, and forgets their browsers. */
export async function endOtherSessions(ctx: Context, { person, session }: SessionHolder): Promise<void> {
  const audit = { ...ctx.audit('revoke', `people/${person.id}/sessions`), actor: `person:${person.id}` };
  await ctx.store.personSessions.revokeAll(person.id, audit, session.id);
  ctx.services.people.forget(person.id);
}
