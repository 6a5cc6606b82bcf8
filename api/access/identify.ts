import type { Services } from '../context.ts';
import { unauthorized } from './authenticate.ts';
import { type Principal, principalOf } from './principal.ts';

/**
 * Finds the caller of a request. A credential in `Authorization` is a token, or the session of a person; a request
 * without it may have the session cookie of a person.
 *
 * @param now the current time in milliseconds since 1970
 * @throws Problem `unauthorized`, the same for unknown, expired and revoked credentials
 */
export async function identify(services: Services, headers: Headers, now: number): Promise<Principal> {
  const { tokens, grants, people } = services;
  const authorization = headers.get('authorization');
  const token = authorization === null && people ? undefined : await tokens.find(authorization, now);
  if (token) {
    // Agents may do nothing that a person may do, so no person limits them.
    const isLimited = token.person !== undefined && token.fleet === undefined;
    return principalOf(token, isLimited ? await grants.of(token.person!, now) : undefined);
  }
  const signedIn = await people?.authenticate(headers, now);
  if (!signedIn) throw unauthorized(authorization === null ? NONE : 'the token is unknown, expired or revoked');
  const { person: id, session } = signedIn;
  return { type: 'person', id, session, ...(await grants.of(id, now)) };
}

const NONE = 'send Authorization: Bearer <token>';
