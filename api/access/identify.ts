import type { Services } from '../context.ts';
import type { Token } from '../store/tokens.ts';
import { unauthorized } from './authenticate.ts';
import { type Principal, principalOf } from './principal.ts';

/** The parts of a request that identify the caller, and the page that sent it. */
export type Credentials = Pick<Request, 'headers' | 'method' | 'url'>;

/**
 * Finds the caller of a request. A credential in `Authorization` is a token, or the session of a person; a request
 * without it may have the session cookie of a person.
 *
 * @param now the current time in milliseconds since 1970
 * @param defer runs work for which the response does not wait
 * @throws Problem `unauthorized`, the same for unknown, expired and revoked credentials
 */
export async function identify(
  services: Services,
  request: Credentials,
  now: number,
  defer: (work: Promise<unknown>) => void,
): Promise<Principal> {
  const { tokens, grants, people } = services;
  // Some platforms remove an empty header.
  const authorization = request.headers.get('authorization') || null;
  if (authorization === null || people.isSession(authorization)) {
    const holder = await people.authenticate(request);
    if (!holder) throw unauthorized(authorization === null ? NONE : INVALID);
    const { id, email } = holder.person;
    return { type: 'person', id, email, session: holder.session.id, ...(await grants.of(id, now)) };
  }
  const token = await tokens.find(authorization, now);
  if (!token) throw unauthorized(INVALID);
  const used = tokens.used(token, now);
  if (used) defer(used);
  return principalOf(token, await creatorOf(services, token, now));
}

const INVALID = 'the token is unknown, expired or revoked';
const NONE = 'send Authorization: Bearer <token>, or sign in';

/** Returns the person who limits a token, with the current grants of that person. */
async function creatorOf({ grants }: Services, { person, fleet }: Token, now: number) {
  // Agents may do nothing that a person may do, so no person limits them.
  if (person === undefined || fleet !== undefined) return undefined;
  return { person, ...(await grants.of(person, now)) };
}
