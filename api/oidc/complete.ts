import type { Context } from '../context.ts';
import { companyKeys, countAttempt } from '../people/attempts.ts';
import type { BegunSession } from '../people/people.ts';
import { Problem } from '../problem.ts';
import type { Person } from '../store/person-sessions.ts';
import { attemptOf } from './cookie.ts';
import { providerOf } from './start.ts';

/** The number of tries when another request creates or links the same person at the same time. */
const TRIES = 3;

/**
 * Signs a person in whom the provider has identified. A person with the same address, which both sides have proven, gets
 * the account of the provider as a further way to sign in, unless the person has another account there. Whoever used
 * the address before may have other sessions, so they end, and a mail says so. Otherwise a person is created.
 *
 * @param search the query of the request
 * @throws Problem `forbidden` when the address is the one of a person with another account of the provider
 * @throws Problem as `OidcProvider.complete`
 */
export async function complete(
  ctx: Context,
  search: string,
  headers: Headers,
): Promise<{ person: Person; begun: BegunSession; returnTo: string }> {
  const provider = providerOf(ctx);
  const { store, services } = ctx;
  const attempt = await attemptOf(services.sealer, headers, ctx.now);
  if (!attempt)
    throw new Problem('sign-in-failed', {
      detail: 'this browser has not started to sign in, or took more than ten minutes; start again',
    });
  const keys = await companyKeys(ctx);
  await countAttempt(ctx, keys);
  const { issuer, subject, email, name } = await provider.complete(attempt, search);
  for (let tries = 0; tries < TRIES; tries++) {
    const linked = await store.personAccounts.find(issuer, subject);
    const known = linked ?? (await store.people.findByEmail(email))?.person;
    const person = known ?? { id: crypto.randomUUID(), email, name, createdAt: ctx.now };
    const begun = await services.people.begin(ctx, person.id, headers, { method: 'company', credential: 'cookie' });
    const step = linked ? 'sign-in' : known ? 'link' : 'create';
    const audit = { ...ctx.audit(step, `people/${person.id}`), actor: `person:${person.id}` };
    const values = { link: `${services.settings.publicUrl}/account` };
    const mail =
      step === 'link' ? await services.mail.prepare({ to: email, template: 'company-linked', values }) : undefined;
    const account = { provider: issuer, account: subject, step, mail } as const;
    const outcome = await store.personAccounts.signIn(account, person, begun, keys, audit);
    if (outcome === 'other-account')
      throw new Problem('forbidden', {
        detail:
          'the address belongs to a person who signs in with another account of the company; sign in with that account, or let that person change the address first',
      });
    if (outcome && step === 'link') services.people.forget(person.id);
    if (outcome) return { person, begun, returnTo: attempt.returnTo };
  }
  throw new Problem('unavailable', { headers: { 'retry-after': '1' } });
}
