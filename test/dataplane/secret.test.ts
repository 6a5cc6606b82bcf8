import { describe, expect, test, vi } from 'vitest';
import { CertificatePairs } from '../../dataplane/serve/state/certificate-pairs.ts';
import { chainOf, type Link, link } from '../api/certificates/authority.ts';
import { spellings } from '../api/certificates/spellings.ts';
import { secret } from '../xds/encode.ts';

describe('a certificate that was stored as the tenant wrote it', async () => {
  const root = await link('root');
  const leaf = await link('leaf', { issuer: root });
  const chain = chainOf(leaf, root);
  const wanted = secret('a.test', chain, leaf.privateKey)!;

  test.each(spellings)('%s: is served in canonical form', (_, respell) =>
    expect(secret('a.test', respell(chain), leaf.privateKey)).toEqual(wanted),
  );

  test('is not served with the key of another certificate', () =>
    expect(secret('a.test', chain, root.privateKey)).toBeUndefined());
});

test('a private key is decrypted once per certificate, and again when the certificate or the key changes', async () => {
  const [one, other] = [await link('one'), await link('other')];
  const pairs = new CertificatePairs();
  const open = vi.fn((sealed: Buffer) => sealed.toString());
  const get = (certificate: Link, { privateKey }: Link) => {
    const sealed = Buffer.from(privateKey);
    return pairs.get('acme/own', chainOf(certificate), sealed, () => open(sealed))?.privateKey;
  };
  expect([get(one, one), get(one, one)]).toEqual([one.privateKey, one.privateKey]);
  expect(open).toHaveBeenCalledTimes(1);
  expect([get(other, one), get(other, other), get(one, one)]).toEqual([undefined, other.privateKey, one.privateKey]);
  expect(open).toHaveBeenCalledTimes(4);
});
