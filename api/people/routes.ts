import { type Operation, operation } from '../http/route.ts';
import {
  endSessionContract,
  endSessionsContract,
  listSessionsContract,
  readSession,
  signInContract,
  signOutContract,
  signUpContract,
  verifyContract,
} from './contract.ts';
import { NO_COOKIE } from './people.ts';
import { endOtherSessions, endSession, listSessions, signOut } from './sessions.ts';
import { signIn } from './sign-in.ts';
import { signUp } from './sign-up.ts';
import { personView, shownSession, signedIn } from './signed-in.ts';
import { verify } from './verify.ts';

export const peopleRoutes = (): Operation[] => [
  operation(signUpContract, async (ctx, { body }) => {
    await signUp(ctx, body);
    return { status: 202, body: { sentTo: body.email } };
  }),
  operation(verifyContract, async (ctx, { body }, { headers }) =>
    signedIn(ctx, await verify(ctx, body, headers), body.credential),
  ),
  operation(signInContract, async (ctx, { body }, { headers }) =>
    signedIn(ctx, await signIn(ctx, body, headers), body.credential),
  ),
  operation(signOutContract, async (ctx, _, request) => {
    const holder = await ctx.services.people.require(request);
    await signOut(ctx, holder);
    return { status: 204, headers: NO_COOKIE };
  }),
  operation(readSession, async (ctx, _, request) => {
    const { person, session } = await ctx.services.people.require(request);
    return { status: 200, body: { person: personView(person), session: shownSession(session, session.id) } };
  }),
  operation(listSessionsContract, async (ctx, _, request) => {
    const holder = await ctx.services.people.require(request);
    const items = await listSessions(ctx, holder);
    return { status: 200, body: { items: items.map((each) => shownSession(each, holder.session.id)) } };
  }),
  operation(endSessionContract, async (ctx, { params }, request) => {
    await endSession(ctx, await ctx.services.people.require(request), params.id);
    return { status: 204 };
  }),
  operation(endSessionsContract, async (ctx, _, request) => {
    await endOtherSessions(ctx, await ctx.services.people.require(request));
    return { status: 204 };
  }),
];
