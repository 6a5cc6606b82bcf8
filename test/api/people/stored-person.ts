import { sha256 } from '../../../api/access/authenticate.ts';
import type { SignInMethod } from '../../../api/people/schema.ts';
import type { Harness } from '../harness.ts';

const audit = { actor: 'test', action: 'create', target: 'people', at: 0, requestId: 'test', remote: '' };

/** Makes a session that began some time ago, and its secret. */
async function sessionOf(person: string, createdAt: number, method: SignInMethod) {
  const secret = `gh_session_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')}`;
  const session = { id: crypto.randomUUID(), person, createdAt, expiresAt: createdAt + 86_400_000, method };
  return {
    secret,
    begun: { session: { ...session, remote: '::1', userAgent: 'test' }, hash: await sha256(secret) },
  };
}

/**
 * Signs a person in as the first sign-in with a company's account does: the person has no password.
 *
 * @param ago how long ago that was, in milliseconds
 * @returns the token of the session
 */
export async function companyPerson({ store }: Harness, email: string, ago = 0): Promise<string> {
  const [id, createdAt] = [crypto.randomUUID(), Date.now() - ago];
  const { secret, begun } = await sessionOf(id, createdAt, 'company');
  await store.personAccounts.signIn(
    { provider: 'https://login.example.com', account: email, step: 'create' },
    { id, email, name: 'Ada', createdAt },
    begun,
    [],
    audit,
  );
  return secret;
}

/**
 * Stores a person with a password, as a sign-up does, and signs the person in.
 *
 * @param password its hash
 * @returns the token of the session
 */
export async function storedPerson({ store }: Harness, email: string, password: string): Promise<string> {
  const [id, createdAt] = [crypto.randomUUID(), Date.now()];
  const expiresAt = createdAt + 60_000;
  const limit = { most: 0, since: createdAt };
  const mail = { id, recipient: email, template: 'verify-address', sealed: '', createdAt, expiresAt, limit };
  await store.people.addCode({ purpose: 'sign-up', email, createdAt, expiresAt }, id, mail, audit);
  const { secret, begun } = await sessionOf(id, createdAt, 'password');
  await store.people.create({ id, email, name: '', createdAt, password }, id, begun, audit);
  return secret;
}
