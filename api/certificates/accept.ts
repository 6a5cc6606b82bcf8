import type { InputOf } from '../../model/kinds.ts';
import type { Accepted } from '../configuration/accept.ts';
import type { Context } from '../context.ts';
import { keyContext } from '../secrets/keys.ts';
import { inspectChain } from './inspect.ts';
import { checkPair } from './pair.ts';
import { refuse } from './refuse.ts';

/**
 * A written certificate: read, checked against its key, the key sealed. Without a key, the tenant must already have the one of this public key.
 *
 * @throws Problem `invalid-certificate`
 */
export async function acceptCertificate(
  ctx: Context,
  tenant: string,
  name: string,
  { privateKey, ...spec }: InputOf<'certificate'>,
): Promise<Accepted> {
  const { leaf, info, pem: certificateChain } = await inspectChain(spec.certificateChain, ctx.now);
  const id = info.publicKeySha256;
  const change = {
    verb: 'put' as const,
    kind: 'certificate' as const,
    name,
    spec: { ...spec, certificateChain },
    info,
  };
  if (privateKey === undefined) {
    const [kept] = await ctx.store.sealedKeys(tenant, [id]);
    if (!kept)
      throw refuse(
        '/privateKey',
        'key-required',
        'give the private key; none is kept for the public key of this certificate',
      );
    return { change, keys: [] };
  }
  const pem = await checkPair(leaf, privateKey);
  return { change, keys: [{ id, ...(await ctx.house.sealer.seal(pem, keyContext(tenant, id))) }] };
}
