import { describe, expect, test } from 'vitest';
import { chainOf, link } from '../api/certificates/authority.ts';
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
