import { canonicalChain } from '../../model/kinds/certificate.ts';
import type { InputOf } from '../../model/kinds/index.ts';
import { inspectChain } from '../certificates/inspect.ts';
import { checkPair } from '../certificates/pair.ts';
import { refuse } from '../certificates/refuse.ts';
import type { Context } from '../context.ts';
import { keyContext } from '../secrets/keys.ts';
import type { Accepted } from './accept.ts';
import type { Head } from './heads/head.ts';

/**
 * A written certificate: read, checked against its key, the key sealed. Without a key, the tenant must already have the
 * one of this public key. One that the head holds already is not judged again: that it has expired must not stop a
 * write of the whole configuration.
 *
 * @throws Problem `invalid-certificate`
 */
export async function acceptCertificate(
  ctx: Context,
  head: Head,
  name: string,
  { privateKey, ...spec }: InputOf<'certificate'>,
): Promise<Accepted> {
  const { tenant } = head;
  const before = head.get('certificate', name);
  // It may be stored as written, from before chains were normalized.
  if (
    before?.info &&
    canonicalChain(before.spec.certificateChain) === spec.certificateChain &&
    privateKey === undefined
  ) {
    const kept = { ...spec, certificateChain: before.spec.certificateChain };
    return { change: { verb: 'put', kind: 'certificate', name, spec: kept, info: before.info }, keys: [] };
  }
  const { leaf, info, pem: certificateChain } = await inspectChain(spec.certificateChain, ctx.now, before?.info);
  const id = info.publicKeySha256;
  const change = {
    verb: 'put' as const,
    kind: 'certificate' as const,
    name,
    spec: { ...spec, certificateChain },
    info,
  };
  if (privateKey === undefined) {
    const [kept] = await ctx.store.keys.find(tenant, [id]);
    if (!kept)
      throw refuse(
        '/privateKey',
        'key-required',
        'privateKey is required: no private key is stored for the public key of this certificate',
      );
    return { change, keys: [] };
  }
  const pem = await checkPair(leaf, privateKey);
  return { change, keys: [{ id, ...(await ctx.services.sealer.seal(pem, keyContext(tenant, id))) }] };
}
