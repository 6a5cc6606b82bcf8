// The dependency injection container of x509 needs this polyfill to be loaded first.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { encodeChain } from '../../model/kinds/certificate.ts';
import type { CertificateInfo } from '../../model/kinds/index.ts';
import { pemBlocks } from '../../model/values/pem.ts';
import { readChain } from './chain.ts';
import { invalidCertificate } from './invalid-certificate.ts';
import { checkUsable } from './usable.ts';

export interface Chain {
  leaf: x509.X509Certificate;
  info: CertificateInfo;
  /** The sorted chain, as the store keeps it. */
  pem: string;
}

/**
 * Reads and sorts a chain. It checks that each certificate is signed by the next one, and that Envoy can serve the
 * first one now.
 *
 * @param now the current time in milliseconds since 1970
 * @param before facts about the stored certificate that this one replaces; if both are the same certificate, it is not
 *   checked again
 * @throws Problem `invalid-certificate` with a pointer into the spec of the certificate
 */
export async function inspectChain(pem: string, now: number, before?: CertificateInfo): Promise<Chain> {
  const certificates = await readChain(pem);
  const leaf = certificates[0]!;
  const known = before?.fingerprintSha256 === (await sha256(leaf.rawData)) ? before : undefined;
  if (!known && leaf.notAfter.getTime() <= now)
    throw invalidCertificate('/certificateChain', 'expired', `it expired on ${leaf.notAfter.toISOString()}`);
  return {
    leaf,
    info: known ?? (await infoOf(leaf, checkUsable(leaf))),
    pem: encodeChain(certificates.map(({ rawData }) => new Uint8Array(rawData))),
  };
}

async function infoOf(leaf: x509.X509Certificate, keyType: string): Promise<CertificateInfo> {
  const names = leaf.getExtension(x509.SubjectAlternativeNameExtension)?.names.items ?? [];
  return {
    fingerprintSha256: await sha256(leaf.rawData),
    publicKeySha256: await sha256(leaf.publicKey.rawData),
    dnsNames: names.filter(({ type }) => type === 'dns').map(({ value }) => value.toLowerCase()),
    notBefore: leaf.notBefore.toISOString(),
    notAfter: leaf.notAfter.toISOString(),
    keyType,
  };
}

/**
 * Describes the first certificate of a chain without validating it.
 *
 * @param keyType the type of its key, such as `RSA 2048`
 * @throws when it cannot be read
 */
export async function infoOfChain(pem: string, keyType: string): Promise<CertificateInfo> {
  return infoOf(new x509.X509Certificate(pemBlocks(pem)[0]!.der), keyType);
}

const sha256 = async (bytes: ArrayBuffer): Promise<string> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)).toHex();
