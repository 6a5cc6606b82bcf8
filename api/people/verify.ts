import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Person } from '../store/person-sessions.ts';
import { countAttempt } from './attempts.ts';
import type { BegunSession } from './people.ts';
import type { Credential } from './schema.ts';

/** The number of wrong passwords with one code before further ones are delayed. */
const FREE_ATTEMPTS = 5;

/**
 * Creates a person who signed up, and signs the person in. Requires both the code, which proves the address, and the
 * password. Otherwise, somebody could sign up with the address of another, who opens the link in the mail, and would
 * then know the password of an account with a proven address.
 *
 * @throws Problem `invalid-code` when the code is unknown, has expired or was used, or the password is wrong
 */
export async function verify(
  ctx: Context,
  { code, password, credential = 'cookie' }: { code: string; password: string; credential?: Credential | undefined },
  headers: Headers,
): Promise<{ person: Person; begun: BegunSession }> {
  const { store, services } = ctx;
  const { people, sha256 } = services;
  const hash = await sha256(code);
  // Nobody can guess a code, so the time of the answer may reveal that there is none.
  const found = await store.people.findCode(hash, 'sign-up', ctx.now);
  if (found?.password === undefined) throw invalidSignUp();
  await countAttempt(ctx, [{ key: await sha256(`code ${hash}`), free: FREE_ATTEMPTS }]);
  if (!(await people.passwords.matches(password, found.password))) throw invalidSignUp();
  const { email, name = '' } = found;
  const person = { id: crypto.randomUUID(), email, name, createdAt: ctx.now };
  const begun = await people.begin(ctx, person.id, headers, { method: 'password', credential });
  const audit = { ...ctx.audit('create', `people/${person.id}`), actor: `person:${person.id}` };
  if (!(await store.people.create({ ...person, password: found.password }, hash, begun, audit))) throw invalidSignUp();
  return { person, begun };
}

/** The same problem for every reason, so that it does not reveal which one applies. */
export const invalidCode = (): Problem =>
  new Problem('invalid-code', { detail: 'the code is unknown, has expired or was used' });

/** {@link invalidCode} for a code that needs a password. */
const invalidSignUp = (): Problem =>
  new Problem('invalid-code', {
    detail: 'the code is unknown, has expired or was used, or the password is not the one for this code',
  });
