import { type Operation, operation } from '../http/route.ts';
import { personOf } from '../people/person-of.ts';
import { signedIn } from '../people/signed-in.ts';
import type { Passkey as Row } from '../store/passkeys.ts';
import { viewOf } from '../view.ts';
import { add, beginAdd } from './add.ts';
import {
  addPasskey,
  beginPasskey,
  beginPasskeySignIn,
  beginProof as beginProofContract,
  deletePasskey,
  listPasskeys,
  passkeySignIn,
  patchPasskey,
} from './contract.ts';
import { beginProof } from './prove.ts';
import { remove } from './remove.ts';
import { rename } from './rename.ts';
import { Passkey } from './schema.ts';
import { beginSignIn, signIn } from './sign-in.ts';

const view = viewOf(Passkey);
const added = (passkey: Row) => ({ status: 201 as const, body: view(passkey) });

/** The operations on the passkeys of people, and those that use a passkey. */
export const passkeyRoutes = (): Operation[] => [
  operation(beginPasskey, async (ctx, { body }) => ({
    status: 200,
    body: await beginAdd(ctx, personOf(ctx), body),
  })),
  operation(addPasskey, async (ctx, { body }) => added(await add(ctx, personOf(ctx), body, added))),
  operation(listPasskeys, async (ctx) => {
    const items = await ctx.store.passkeys.list(personOf(ctx).id);
    return { status: 200, body: { items: items.map(view) } };
  }),
  operation(patchPasskey, async (ctx, { params, body }) => {
    await rename(ctx, personOf(ctx), params.id, body.name);
    return { status: 204 };
  }),
  operation(deletePasskey, async (ctx, { params }) => {
    await remove(ctx, personOf(ctx), params.id);
    return { status: 204 };
  }),
  operation(beginPasskeySignIn, async (ctx) => ({ status: 200, body: await beginSignIn(ctx) })),
  operation(passkeySignIn, async (ctx, { body }, { headers }) =>
    signedIn(ctx, await signIn(ctx, body, headers), body.credential),
  ),
  operation(beginProofContract, async (ctx) => ({ status: 200, body: await beginProof(ctx, personOf(ctx)) })),
];
