import { objectDiff } from '../audit/diff.ts';
import type { Context } from '../context.ts';
import { countAttempt, userCodeKeys } from '../people/attempts.ts';
import type { SignedInPerson } from '../people/proof.ts';
import { Problem } from '../problem.ts';
import type { DeviceAuthorization } from '../store/device-authorizations.ts';
import { userCodeHash, userCodeOf } from './codes.ts';
import type { DeviceDecision } from './schema.ts';

/**
 * Finds the command that shows a code, so that a person can judge it before the decision.
 *
 * @throws Problem `invalid-code` when no command shows the code, it has expired, or somebody has decided
 * @throws Problem `too-many-requests` after too many wrong codes
 */
export async function lookUp(ctx: Context, person: string, code: string): Promise<DeviceAuthorization> {
  const { found, attempts } = await find(ctx, person, code);
  await ctx.store.signInAttempts.undo(attempts);
  return found;
}

/**
 * Stores the decision of a person about a command. An approved command gets a session of this person, as long as the
 * session exists in which the person decides.
 *
 * @throws Problem `invalid-code`, `too-many-requests` as `lookUp`
 */
export async function decide(
  ctx: Context,
  { id: person, session }: Pick<SignedInPerson, 'id' | 'session'>,
  { userCode, decision }: Pick<DeviceDecision, 'userCode' | 'decision'>,
): Promise<void> {
  const { found, hash, attempts } = await find(ctx, person, userCode);
  const { name, remote } = found;
  const audit = { ...ctx.audit(decision, `people/${person}/devices`), diff: objectDiff({}, { name, remote }) };
  const stored = decision === 'approve' ? 'approved' : 'denied';
  if (!(await ctx.store.deviceAuthorizations.decide(hash, { person, session, decision: stored, attempts }, audit)))
    throw unknownCode();
}

/** Finds a pending request. An attempt counts before the code is compared. */
async function find(ctx: Context, person: string, text: string) {
  const { store, services, now } = ctx;
  const attempts = await userCodeKeys(ctx, person);
  await countAttempt(ctx, attempts);
  const code = userCodeOf(text);
  const hash = code === undefined ? undefined : await userCodeHash(services.sha256, code);
  const found = hash === undefined ? undefined : await store.deviceAuthorizations.findPending(hash, now);
  if (hash === undefined || found === undefined) throw unknownCode();
  return { found, hash, attempts };
}

const unknownCode = () =>
  new Problem('invalid-code', { detail: 'no command shows this code, or it has expired or was used; begin again' });
