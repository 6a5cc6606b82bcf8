import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import type { Person } from '../store/person-sessions.ts';
import { countAttempt, signInKeys } from './attempts.ts';
import { knownBrowser } from './known-browser.ts';
import type { BegunSession } from './people.ts';
import type { Credential } from './schema.ts';

/**
 * Signs a person in with the password. For an address without an account, it does the same work as for a wrong
 * password.
 *
 * @throws Problem `wrong-credentials`
 * @throws Problem `too-many-requests` after too many failed attempts
 */
export async function signIn(
  ctx: Context,
  { email, password, credential = 'cookie' }: { email: string; password: string; credential?: Credential | undefined },
  headers: Headers,
): Promise<{ person: Person; begun: BegunSession }> {
  const { store, services } = ctx;
  const { people } = services;
  const keys = await signInKeys(ctx, email, await knownBrowser(ctx, email, headers));
  await countAttempt(ctx, keys);
  const found = await store.people.findByEmail(email);
  if (!(await people.passwords.matches(password, found?.password))) throw wrongCredentials();
  const { person, password: hash } = found!;
  const begun = await people.begin(ctx, person.id, headers, { method: 'password', credential });
  const audit = { ...ctx.audit('sign-in', `people/${person.id}`), actor: `person:${person.id}` };
  if (!(await store.people.signIn(begun, hash!, keys, audit))) throw wrongCredentials();
  return { person, begun };
}

/** The same problem for a wrong address and a wrong password. */
const wrongCredentials = (): Problem =>
  new Problem('wrong-credentials', { detail: 'the address or the password is wrong' });
