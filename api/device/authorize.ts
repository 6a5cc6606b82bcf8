import type { Context } from '../context.ts';
import { OAuthError } from '../oauth-error.ts';
import { countAttempt, deviceKeys } from '../people/attempts.ts';
import { newSecret } from '../people/secrets.ts';
import { newUserCode, userCodeHash } from './codes.ts';
import { CLIENT } from './schema.ts';

/** The time in which a person can approve, in milliseconds. */
const VALID_FOR_MS = 10 * 60_000;
/** The time between two requests for the session, in milliseconds. */
const POLL_EVERY_MS = 2_000;

interface Begun {
  deviceCode: string;
  userCode: string;
  /** The page on which a person enters the code. */
  page: string;
  expiresInMs: number;
  pollEveryMs: number;
}

/** @throws OAuthError `invalid_client` for a client that is not `gatehouse` */
export function requireClient(client: string): void {
  if (client !== CLIENT) throw new OAuthError('invalid_client', `client_id must be ${CLIENT}`);
}

/**
 * Begins to sign a person in on a command line (RFC 8628 §3.1).
 *
 * @param name the name of the machine, as the command states it
 * @throws OAuthError `invalid_client`, `invalid_scope`
 * @throws Problem `too-many-requests` when too many requests came from the network of the client
 */
export async function authorize(
  ctx: Context,
  { client, scope, name = 'unknown' }: { client: string; scope?: string | undefined; name?: string | undefined },
): Promise<Begun> {
  const { store, services, now, remote } = ctx;
  const { sha256, settings } = services;
  requireClient(client);
  // A client that asks for less must not get more.
  if (scope !== undefined)
    throw new OAuthError('invalid_scope', 'a session permits what its person may do; send no scope');
  await countAttempt(ctx, await deviceKeys(ctx));
  const [deviceCode, userCode] = [newSecret('device'), newUserCode()];
  const hashes = { device: await sha256(deviceCode), user: await userCodeHash(sha256, userCode) };
  await store.deviceAuthorizations.add(
    { name, remote, createdAt: now, expiresAt: now + VALID_FOR_MS },
    hashes,
    POLL_EVERY_MS,
    ctx.audit('request', 'devices'),
  );
  const page = `${settings.publicUrl}/device`;
  return { deviceCode, userCode, page, expiresInMs: VALID_FOR_MS, pollEveryMs: POLL_EVERY_MS };
}
