import type { InputOf } from '../../model/kinds/index.ts';
import { checkRevocationLists, readAuthorities, type VerificationRoom } from '../certificates/authorities.ts';
import type { Context } from '../context.ts';
import type { Accepted } from './accept.ts';
import type { Head } from './heads/head.ts';

/** How many signatures of revocation lists one write verifies. A bundle has at most 50 lists. */
const MOST_VERIFICATIONS = 1000;

const rooms = new WeakMap<Context, VerificationRoom>();

function roomIn(ctx: Context): VerificationRoom {
  const room = rooms.get(ctx) ?? { left: MOST_VERIFICATIONS };
  rooms.set(ctx, room);
  return room;
}

/**
 * Checks a written trust bundle. Envoy would reject a certificate or a list that it cannot read, and would leave every
 * handshake hanging that needs it.
 *
 * A bundle that is equal to the stored one is not checked again. A CA that has expired since therefore does not prevent a
 * later write of the whole configuration.
 *
 * @throws Problem `invalid-certificate` when a certificate is not one of a CA, or when a list is not one of these CAs
 */
export async function acceptTrustBundle(
  ctx: Context,
  head: Head,
  name: string,
  spec: InputOf<'trustBundle'>,
): Promise<Accepted> {
  const before = head.get('trustBundle', name)?.spec;
  if (before?.certificates === spec.certificates && before.crl === spec.crl)
    return { change: { verb: 'put', kind: 'trustBundle', name, spec }, keys: [] };
  const { certificates, pem } = readAuthorities(spec.certificates, ctx.now);
  if (spec.crl !== undefined) await checkRevocationLists(spec.crl, certificates, ctx.now, roomIn(ctx));
  return { change: { verb: 'put', kind: 'trustBundle', name, spec: { ...spec, certificates: pem } }, keys: [] };
}
