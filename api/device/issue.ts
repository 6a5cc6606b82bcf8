import type { Context } from '../context.ts';
import { OAuthError } from '../oauth-error.ts';
import { deviceKeys } from '../people/attempts.ts';
import type { BegunSession } from '../people/people.ts';
import { timeOf } from '../time-of.ts';
import { requireClient } from './authorize.ts';
import { GRANT } from './schema.ts';

/** What is added to the time between two requests of a client that asks too early (RFC 8628 §3.5). Milliseconds. */
const SLOWER_MS = 5_000;

/**
 * Begins the session of a person who has approved the sign-in (RFC 8628 §3.4). A code works once, and a mail informs
 * the person. The session expires at the latest with the one that approved it. Otherwise, a stolen session could renew
 * itself.
 *
 * @param headers the headers of the command, for the list of sessions
 * @throws OAuthError `authorization_pending`, `slow_down`, `access_denied`, `expired_token`; `invalid_grant` for a code
 *   that is unknown or was used, or whose approving session has ended; `invalid_client`, `unsupported_grant_type`
 */
export async function issue(
  ctx: Context,
  { client, grant, deviceCode }: { client: string; grant: string; deviceCode: string },
  headers: Headers,
): Promise<BegunSession> {
  const { store, services, now } = ctx;
  requireClient(client);
  if (grant !== GRANT) throw new OAuthError('unsupported_grant_type', `grant_type must be ${GRANT}`);
  const hash = await services.sha256(deviceCode);
  const found = await store.deviceAuthorizations.find(hash);
  if (!found) throw unusable();
  if (found.expiresAt <= now) throw new OAuthError('expired_token', 'nobody approved in time; begin again');
  if (found.state === 'denied') throw new OAuthError('access_denied', 'the person has denied the sign-in');
  if (found.state === 'pending') {
    const isEarly = await store.deviceAuthorizations.poll(hash, SLOWER_MS, now);
    if (isEarly) throw new OAuthError('slow_down', 'wait 5 seconds longer between two requests');
    throw new OAuthError('authorization_pending', 'nobody has approved yet');
  }
  const owner = found.decided && (await store.people.find(found.decided.person));
  if (!found.decided || !owner) throw unusable();
  const { person, sessionExpiresAt: endsBy } = found.decided;
  const { name, remote } = found;
  const begun = await services.people.begin(ctx, person, headers, {
    method: 'device',
    credential: 'bearer',
    name,
    endsBy,
  });
  const link = `${services.settings.publicUrl}/sessions`;
  const values = { name, address: remote || 'unknown', time: timeOf(now), link };
  const mail = await services.mail.prepare({ to: owner.email, template: 'command-signed-in', values });
  const audit = { ...ctx.audit('sign-in', `people/${person}`), actor: `person:${person}` };
  const change = { mail, attempts: await deviceKeys(ctx) };
  if (!(await store.deviceAuthorizations.signIn(hash, begun, change, audit))) throw unusable();
  return begun;
}

const unusable = () =>
  new OAuthError('invalid_grant', 'the device_code is unknown or was used, or the session that approved it has ended');
