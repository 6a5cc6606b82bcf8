import { createPrivateKey, hash, X509Certificate } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { canonicalChain } from '../../../model/kinds/certificate.ts';

/** A certificate and its private key in the form that Envoy gets. The key has been found to belong to the certificate. */
export interface CertificatePair {
  certificateChain: string;
  privateKey: string;
  /** The version of secrets with this pair. */
  version: string;
}

/**
 * Reads a certificate and its private key.
 *
 * @returns undefined when the key does not belong to the certificate, because Envoy would reject the pair and leave the
 *   handshake hanging
 */
export function certificatePair(chain: string, privateKey: string): CertificatePair | undefined {
  // Older certificates were stored as written, before the API normalized them.
  const certificateChain = canonicalChain(chain);
  if (!new X509Certificate(certificateChain).checkPrivateKey(createPrivateKey(privateKey))) return undefined;
  return { certificateChain, privateKey, version: hash('sha256', certificateChain, 'base64url').slice(0, 16) };
}

interface Kept {
  chain: string;
  sealed: Buffer;
  pair: CertificatePair | undefined;
}

/**
 * The pairs that were used last. Clients choose the server names that one certificate covers, so the pair is decrypted,
 * parsed and checked once, and not per name.
 */
export class CertificatePairs {
  readonly #kept = new LRUCache<string, Kept>({ max: 200 });

  /**
   * Finds or reads the pair of a certificate.
   *
   * @param id the tenant and the name of the certificate
   * @param sealed its sealed private key, which `open` decrypts
   * @throws the error of `open`, or an error about a pair that cannot be parsed
   */
  get(id: string, chain: string, sealed: Buffer, open: () => string): CertificatePair | undefined {
    const kept = this.#kept.get(id);
    if (kept?.chain === chain && kept.sealed.equals(sealed)) return kept.pair;
    const pair = certificatePair(chain, open());
    this.#kept.set(id, { chain, sealed, pair });
    return pair;
  }
}
