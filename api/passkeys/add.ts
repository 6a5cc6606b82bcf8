import { objectDiff } from '../audit/diff.ts';
import type { Context } from '../context.ts';
import { type GivenProof, invalidPasskey, requireProof, type SignedInPerson, staleProof } from '../people/proof.ts';
import { Problem } from '../problem.ts';
import type { ReplyTo } from '../reply.ts';
import type { Passkey } from '../store/passkeys.ts';
import { userHandleOf } from '../webauthn/assertion.ts';
import { CHALLENGE_MS, newChallenge } from '../webauthn/challenge.ts';
import { ALGORITHMS, verifyRegistration } from '../webauthn/registration.ts';
import { relyingParty } from '../webauthn/relying-party.ts';
import type { PasskeyCreationOptions, PasskeyRegistration } from '../webauthn/schema.ts';
import { descriptorOf } from './descriptor.ts';

/** The number of passkeys that a person may have. */
const MOST = 20;

/**
 * Begins to add a passkey to the account of a person.
 *
 * @returns the options with which a browser makes the passkey
 * @throws Problem as `requireProof`
 * @throws Problem `too-many` when the person has the maximum number of passkeys
 * @throws Problem `not-found` when this API can have no passkeys
 */
export async function beginAdd(ctx: Context, who: SignedInPerson, given: GivenProof): Promise<PasskeyCreationOptions> {
  const { id } = relyingParty(ctx.services.settings);
  const existing = await ctx.store.passkeys.list(who.id);
  // An authenticator would keep a passkey that is not added later.
  if (existing.length >= MOST) throw tooMany();
  const { email, proof } = await requireProof(ctx, who, given);
  const { challenge, kept } = await newChallenge(ctx, { purpose: 'add', session: who.session });
  if (!(await ctx.store.passkeys.addChallenge(kept, { person: who.id, proof, now: ctx.now }))) throw staleProof(proof);
  return {
    rp: { id, name: 'Gatehouse' },
    user: { id: userHandleOf(who.id), name: email, displayName: email },
    challenge,
    pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
    timeout: CHALLENGE_MS,
    attestation: 'none',
    excludeCredentials: existing.map(descriptorOf),
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
  };
}

/**
 * Adds a passkey to the account of a person. A mail informs the person.
 *
 * @param reply makes the reply that the batch stores
 * @throws Problem `invalid-passkey` when the answer of the authenticator is not valid, or its challenge was issued to
 *   another session, has expired or was used
 * @throws Problem `too-many` when the person has the maximum number of passkeys
 * @throws Problem `not-found` when this API can have no passkeys
 */
export async function add(
  ctx: Context,
  { id: person, session }: SignedInPerson,
  { name = 'Passkey', passkey }: { name?: string | undefined; passkey: PasskeyRegistration },
  reply?: ReplyTo<Passkey>,
): Promise<Passkey> {
  const { store, services } = ctx;
  const registered = await verifyRegistration(ctx, passkey, { purpose: 'add', session });
  const owner = await store.people.find(person);
  if (!registered || !owner) throw invalidPasskey();
  const { challenge, ...rest } = registered;
  const added: Passkey = { id: crypto.randomUUID(), person, name, createdAt: ctx.now, ...rest };
  const link = `${services.settings.publicUrl}/account`;
  const mail = await services.mail.prepare({ to: owner.email, template: 'passkey-added', values: { name, link } });
  const audit = {
    ...(await ctx.record('add', `people/${person}/passkeys/${added.id}`, reply && (() => reply(added)))),
    diff: objectDiff({}, { name }),
  };
  const outcome = await store.passkeys.add(added, { challenge, most: MOST, mail }, audit);
  if (outcome === 'invalid') throw invalidPasskey();
  if (outcome === 'too many') throw tooMany();
  return added;
}

const tooMany = (): Problem =>
  new Problem('too-many', { detail: `a person may have ${MOST} passkeys: remove one first` });
