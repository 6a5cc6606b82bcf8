import { canonicalChain } from '../../model/kinds/certificate.ts';
import type { InputOf, SpecOf } from '../../model/kinds/index.ts';
import { inspectChain } from '../certificates/inspect.ts';
import { invalidCertificate } from '../certificates/invalid-certificate.ts';
import { verifiedKey } from '../certificates/pair.ts';
import type { Context } from '../context.ts';
import { Problem } from '../problem.ts';
import { keyContext } from '../secrets/contexts.ts';
import type { Accepted } from './accept.ts';
import type { Head } from './heads/head.ts';

/**
 * Turns a written certificate into its stored form. It parses the chain, checks that the private key belongs to the
 * certificate, and seals the key.
 *
 * If the request has no private key, the tenant must already have a stored key for the same public key. A certificate
 * that is equal to the stored one is not checked again. An expired certificate therefore does not prevent a later write
 * of the whole configuration.
 *
 * @param head the configuration before the change
 * @param name the name of the certificate
 * @returns the change with the sorted chain, and the sealed key; without a key when the request has none
 * @throws Problem `invalid-certificate` when the chain or the key is invalid, or when the request has no key and none
 *   is stored
 */
export async function acceptCertificate(
  ctx: Context,
  head: Head,
  name: string,
  { privateKey, ...spec }: InputOf<'certificate'>,
): Promise<Accepted> {
  const { tenant } = head;
  const before = head.get('certificate', name);
  const { certificateChain: written, ...rest } = spec;
  if (written === undefined) return acceptAutomatic(ctx, name, rest, before?.spec.acme);
  // Older versions stored the chain as the tenant wrote it. So the stored chain is normalized before the comparison.
  if (
    before?.info &&
    before.spec.certificateChain !== undefined &&
    canonicalChain(before.spec.certificateChain) === written &&
    privateKey === undefined
  ) {
    const kept = { ...spec, certificateChain: before.spec.certificateChain };
    return { change: { verb: 'put', kind: 'certificate', name, spec: kept, info: before.info }, keys: [] };
  }
  const { leaf, info, pem: certificateChain } = await inspectChain(written, ctx.now, before?.info);
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
      throw invalidCertificate(
        '/privateKey',
        'key-required',
        'privateKey is required: no private key is stored for the public key of this certificate',
      );
    return { change, keys: [] };
  }
  const pem = await verifiedKey(leaf, privateKey);
  return { change, keys: [{ id, ...(await ctx.services.sealer.seal(pem, keyContext(tenant, id))) }] };
}

/** Accepts a certificate with `acme`, for which the tenant writes neither a chain nor a key. */
function acceptAutomatic(
  ctx: Context,
  name: string,
  spec: SpecOf<'certificate'>,
  before: SpecOf<'certificate'>['acme'],
): Accepted {
  if (ctx.services.settings.acmeDirectory === undefined && before === undefined)
    throw new Problem('invalid-certificate', {
      violations: [
        {
          path: '/acme',
          pointer: '/acme',
          code: 'no-authority',
          message: 'the operator has configured no authority; upload a certificateChain and a privateKey instead',
        },
      ],
    });
  if (spec.acme?.challenge === 'DNS-01' && ctx.services.settings.acmeDnsWebhook === undefined && !before)
    throw invalidCertificate(
      '/acme/challenge',
      'no-dns-webhook',
      'the operator has configured no webhook for DNS-01; use HTTP-01, or for wildcards upload a certificateChain and a privateKey',
    );
  return { change: { verb: 'put', kind: 'certificate', name, spec }, keys: [] };
}
