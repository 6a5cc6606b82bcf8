import { type InfoOf, isKind, type Kind, secretsOf } from '../../model/kinds/index.ts';
import { pemBlocks } from '../../model/values/pem.ts';
import { keyContext } from '../secrets/contexts.ts';
import type { Sealer } from '../secrets/seal.ts';
import type { SealedKey } from '../store/keys.ts';
import { error, type Finding, warning } from './finding.ts';
import { json } from './json.ts';
import type { TenantCheck, VersionRow } from './tenant-check.ts';

/**
 * Finds private keys that are missing, and private keys that no certificate uses. With a sealer it also decrypts each
 * key that a certificate uses, and compares it with the public key of the certificate.
 */
export const keys: TenantCheck = {
  tables: ['sealedKey'],
  isOfHead: true,
  run: ({ tenant, versions, keys, sealer }) => checkKeys(tenant.name, versions, keys, sealer),
};

async function* checkKeys(
  tenant: string,
  versions: readonly VersionRow[],
  kept: readonly SealedKey[],
  sealer: Sealer | undefined,
): AsyncGenerator<Finding> {
  const used = new Map<string, string>();
  for (const { kind, name, info } of versions) {
    // Another check reports damaged info.
    const kept = json(info ?? '') as InfoOf<Kind> | undefined;
    if (isKind(kind)) for (const [, id] of secretsOf(kind, kept)) if (id) used.set(id, name);
  }
  for (const key of kept) {
    const name = used.get(key.id);
    used.delete(key.id);
    if (name === undefined)
      yield warning(`tenants/${tenant}`, `it keeps the sealed key ${key.id}, which no certificate uses`);
    const wrong = name && sealer && (await wrongWith(key, tenant, sealer));
    if (wrong)
      yield error(
        `tenants/${tenant}/certificates/${name}`,
        `its private key ${wrong}`,
        'add the key that sealed it to GATEHOUSE_SEALING_KEYS, or put the certificate and its private key again',
      );
  }
  for (const name of used.values())
    yield error(
      `tenants/${tenant}/certificates/${name}`,
      'its private key is not there',
      'put the certificate and its private key again',
    );
}

async function wrongWith(key: SealedKey, tenant: string, sealer: Sealer): Promise<string | undefined> {
  let pem: string;
  try {
    pem = await sealer.open(key, keyContext(tenant, key.id));
  } catch (thrown) {
    // WebCrypto's message for a failed decryption is empty.
    const { message } = thrown as Error;
    return `does not open: ${/^sealing key/.test(message) ? message : 'it is damaged, or was sealed with another key of that name'}`;
  }
  const id = await publicKeyId(pem);
  if (id === undefined) return 'is no private key once it is opened';
  return id === key.id ? undefined : "is not that of the certificate's public key";
}

/** The algorithms of accepted keys: RSA 2048 and longer, ECDSA P-256 and P-384. */
const ALGORITHMS = [
  { name: 'ECDSA', namedCurve: 'P-256' },
  { name: 'ECDSA', namedCurve: 'P-384' },
  { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
];

/** The members of a JWK that only private keys have, and the uses of the key. RFC 7518 §6. */
const SECRET = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'key_ops'] as const;

/**
 * Computes the id of a private key.
 *
 * @param pem the private key as PKCS#8 PEM
 * @returns the SHA-256 of its public key (SPKI), in hex; undefined when the text is not a private key of an accepted
 *   algorithm
 */
async function publicKeyId(pem: string): Promise<string | undefined> {
  const [block] = pemBlocks(pem);
  for (const algorithm of block ? ALGORITHMS : []) {
    try {
      const own = await crypto.subtle.importKey('pkcs8', block!.der, algorithm, true, ['sign']);
      const jwk = await crypto.subtle.exportKey('jwk', own);
      for (const member of SECRET) delete jwk[member];
      const open = await crypto.subtle.importKey('jwk', jwk, algorithm, true, ['verify']);
      const spki = await crypto.subtle.exportKey('spki', open);
      return new Uint8Array(await crypto.subtle.digest('SHA-256', spki)).toHex();
    } catch {
      // The key has another algorithm, or the text is not a key.
    }
  }
  return undefined;
}
