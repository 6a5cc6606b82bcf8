import type { Services } from '../context.ts';
import { unauthorized } from './authenticate.ts';
import { type Principal, principalOf } from './principal.ts';

/** The parts of a request that identify the caller, and the page that sent it. */
export type Credentials = Pick<Request, 'headers' | 'method' | 'url'>;

/**
 * Finds the caller of a request. A credential in `Authorization` is a token, or the session of a person; a request
 * without it may have the session cookie of a person.
 *
 * @param now the current time in milliseconds since 1970
 * @throws Problem `unauthorized`, the same for unknown, expired and revoked credentials
 */
export async function identify(services: Services, request: Credentials, now: number): Promise<Principal> {
  const { tokens, grants, people } = services;
  const holder = await people.authenticate(request);
  if (holder) {
    const { id } = holder.person;
    return { type: 'person', id, session: holder.session.id, ...(await grants.of(id, now)) };
  }
  const authorization = request.headers.get('authorization');
  if (authorization === null) throw unauthorized(NONE);
  const token = await tokens.find(authorization, now);
  if (token) {
    // Agents may do nothing that a person may do, so no person limits them.
    const isLimited = token.person !== undefined && token.fleet === undefined;
    return principalOf(token, isLimited ? await grants.of(token.person!, now) : undefined);
  }
  throw unauthorized('the token is unknown, expired or revoked');
}

const NONE = 'send Authorization: Bearer <token>, or sign in';
